"""The invitations that a user received."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from ....models.records import User
from ....storage.compiled import AnyRow
from ..common import Common
from ..directory import LISTED
from ..queries import Query
from ..records import ReceivedInvitation, extend


class ReceivedInvitations:
    """Lists invitations by the address that was invited."""

    def __init__(self, common: Common) -> None:
        self._common = common
        invitations = common.records.invitations
        organizations, columns = common.records.organizations.table, invitations.table.c
        found = select(*invitations.columns, organizations.c.name).join_from(
            invitations.table, organizations, columns.organizationId == organizations.c.id
        )
        pending = found.where(columns.status == "pending", columns.email == bindparam("email"))
        self._pending = Query(pending.limit(LISTED), self._read)

    def _read(self, row: AnyRow) -> ReceivedInvitation:
        *own, name = row
        invitation = self._common.records.invitations.to_record(own)
        return extend(ReceivedInvitation, invitation, organization_name=name)

    async def list_pending(self, user: User) -> Sequence[ReceivedInvitation]:
        """Returns the pending invitations to the address of a user, at most 100."""
        return await self._pending.list_all(self._common.database, email=user.email.lower())
