"""Finds organizations, members and invitations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import from_iso
from ...storage.compiled import AnyRow
from .queries import AnySelect, Query, Source
from .records import (
    CountedTeam,
    Invitation,
    MemberWithUser,
    Organization,
    Records,
    Team,
    UserSummary,
    extend,
)
from .role_names import parse_role_names

LISTED: Final = 100  # Better Auth 1.7.25: the adapter's `defaultFindManyLimit`


class Directory:
    """Reads what there is, in a transaction or outside of one."""

    def __init__(self, records: Records) -> None:
        self._records = records
        by_id, by_slug = self._select_organizations()
        self._by_id = Query(by_id, records.organizations.to_record)
        self._locked = Query(by_id.with_for_update(), records.organizations.to_record)
        self._by_slug = Query(by_slug, records.organizations.to_record)
        self._of_user = Query(self._select_of_user(), records.organizations.to_record)
        member, has_user, has_organization = self._select_members()
        members = records.members.table.c
        self._membership = Query(member.where(has_user, has_organization), self.read_member)
        self._of_organization = member.where(has_organization)
        self._members = Query(self._of_organization, self.read_member)
        self._member_by_id = Query(
            member.where(members.id == bindparam("member_id")), self.read_member
        )
        has_email = records.users.c.email == bindparam("email")
        self._member_by_email = Query(member.where(has_organization, has_email), self.read_member)
        invitations, shown = records.invitations.table.c, records.invitations.columns
        in_organization = invitations.organizationId == bindparam("organization_id")
        is_it = invitations.id == bindparam("invitation_id")
        read_invitation = records.invitations.to_record
        self._invitation = Query(select(*shown).where(is_it), read_invitation)
        listed = select(*shown).where(in_organization)
        self._invitations = Query(listed.limit(LISTED), read_invitation)
        is_pending = invitations.status == "pending"
        self._pending = Query(listed.where(is_pending), read_invitation)
        teams = records.teams.table.c
        has_team_organization = teams.organizationId == bindparam("organization_id")
        self._teams = Query(
            select(*records.teams.columns).where(has_team_organization), records.teams.to_record
        )
        counted = records.counted_teams.table.c.organizationId == bindparam("organization_id")
        self._counted_teams = Query(
            select(*records.counted_teams.columns).where(counted).limit(LISTED),
            records.counted_teams.to_record,
        )

    def _select_organizations(self) -> tuple[AnySelect, AnySelect]:
        mapper = self._records.organizations
        found = select(*mapper.columns)
        return (
            found.where(mapper.table.c.id == bindparam("organization_id")),
            found.where(mapper.table.c.slug == bindparam("slug")),
        )

    def _select_of_user(self) -> AnySelect:
        mapper, members = self._records.organizations, self._records.members.table
        joined = select(*mapper.columns).join_from(
            members, mapper.table, members.c.organizationId == mapper.table.c.id
        )
        return joined.where(members.c.userId == bindparam("user_id")).limit(LISTED)

    def select_members(self) -> AnySelect:
        """Returns the SELECT of members with their users, for `read_member`."""
        members, users = self._records.members, self._records.users
        summary = (users.c.id, users.c.name, users.c.email, users.c.image)
        return select(*members.columns, *summary).join_from(
            members.table, users, members.table.c.userId == users.c.id
        )

    def _select_members(self) -> tuple[AnySelect, ColumnElement[bool], ColumnElement[bool]]:
        columns = self._records.members.table.c
        return (
            self.select_members(),
            columns.userId == bindparam("user_id"),
            columns.organizationId == bindparam("organization_id"),
        )

    def read_member(self, row: AnyRow) -> MemberWithUser:
        """Returns the member of a row of `select_members`."""
        *own, user_id, name, email, image = row
        member = self._records.members.to_record(own)
        summary = UserSummary(str(user_id), name, email, image)
        return extend(MemberWithUser, member, user=summary)

    async def find(self, source: Source, organization_id: str) -> Organization | None:
        """Returns the organization with this id, or None."""
        return await self._by_id.find(source, organization_id=organization_id)

    async def lock(self, tx: AsyncConnection, organization_id: str) -> Organization | None:
        """Returns the organization, which nobody else can lock or change until `tx` ends.

        Every change of members, invitations, teams or roles locks it first, so that limits and the
        last owner are decided one after the other.
        """
        return await self._locked.find(tx, organization_id=organization_id)

    async def find_by_slug(self, source: Source, slug: str) -> Organization | None:
        """Returns the organization with this slug, or None."""
        return await self._by_slug.find(source, slug=slug)

    async def list_of_user(self, source: Source, user_id: str) -> Sequence[Organization]:
        """Returns the organizations of a user, at most 100."""
        return await self._of_user.list_all(source, user_id=user_id)

    async def count_of_user(self, tx: AsyncConnection, user_id: str) -> int:
        """Returns the number of organizations of a user. It cannot grow until `tx` ends."""
        users, members = self._records.users, self._records.members.table
        await tx.execute(select(users.c.id).where(users.c.id == user_id).with_for_update())
        return await count(tx, members.c.userId == user_id)

    async def find_member(
        self, source: Source, user_id: str, organization_id: str
    ) -> MemberWithUser | None:
        """Returns the membership of a user, or None."""
        return await self._membership.find(source, user_id=user_id, organization_id=organization_id)

    async def find_member_by_id(self, source: Source, member_id: str) -> MemberWithUser | None:
        """Returns the member with this id, of any organization."""
        return await self._member_by_id.find(source, member_id=member_id)

    async def find_member_by_email(
        self, source: Source, email: str, organization_id: str
    ) -> MemberWithUser | None:
        """Returns the member whose user has this address."""
        return await self._member_by_email.find(
            source, email=email.lower(), organization_id=organization_id
        )

    async def list_members(self, source: Source, organization_id: str) -> Sequence[MemberWithUser]:
        """Returns all members of an organization."""
        return await self._members.list_all(source, organization_id=organization_id)

    async def list_first_members(
        self, source: Source, organization_id: str, limit: int
    ) -> Sequence[MemberWithUser]:
        """Returns so many members of an organization."""
        query = Query(self._of_organization.limit(limit), self.read_member)
        return await query.list_all(source, organization_id=organization_id)

    async def count_members(self, source: AsyncConnection, organization_id: str) -> int:
        """Returns the number of members of an organization."""
        return await count(source, self._records.members.table.c.organizationId == organization_id)

    async def count_with(self, tx: AsyncConnection, organization_id: str, role: str) -> int:
        """Returns how many members of an organization have the role."""
        members = await self.list_members(tx, organization_id)
        return sum(role in parse_role_names(member.role) for member in members)

    async def find_invitation(self, source: Source, invitation_id: str) -> Invitation | None:
        """Returns the invitation with this id, or None."""
        return await self._invitation.find(source, invitation_id=invitation_id)

    async def list_invitations(self, source: Source, organization_id: str) -> Sequence[Invitation]:
        """Returns the invitations of an organization, at most 100."""
        return await self._invitations.list_all(source, organization_id=organization_id)

    async def list_pending(
        self, source: Source, organization_id: str, now: datetime | None = None
    ) -> Sequence[Invitation]:
        """Returns the pending invitations: with `now` only those that have not expired."""
        found = await self._pending.list_all(source, organization_id=organization_id)
        return [each for each in found if now is None or from_iso(each.expires_at) > now]

    async def list_teams(self, source: Source, organization_id: str) -> Sequence[Team]:
        """Returns the teams of an organization."""
        return await self._teams.list_all(source, organization_id=organization_id)

    async def list_counted_teams(
        self, source: Source, organization_id: str
    ) -> Sequence[CountedTeam]:
        """Returns the teams of an organization with their numbers of members."""
        return await self._counted_teams.list_all(source, organization_id=organization_id)


async def count(tx: AsyncConnection, condition: ColumnElement[bool]) -> int:
    """Returns the number of rows that fulfil the condition, which names one table."""
    found = await tx.execute(select(func.count()).where(condition))
    return int(found.scalar_one())
