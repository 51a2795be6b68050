"""What all areas of the plugin share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from msgspec import Struct
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.audit.events import Event, EventName
from ...auth.sessions.guard import SignedInRequest
from ...models.errors import Refusal
from ...models.mappers import Mapper
from ...models.records import Record
from ...storage.database import Database
from ...storage.refused_values import refuse_values
from ...web.endpoint import B, Q
from ..plugin import Services
from .access import Access
from .active import Activation, find_active_organization
from .directory import Directory
from .errors import (
    FailedToSave,
    MemberNotFound,
    NoActiveOrganization,
    OrganizationNotFound,
)
from .options import OrganizationOptions
from .records import MemberWithUser, Organization, Records

R = TypeVar("R", bound=Record)


class Common(Struct, frozen=True):
    """The options and the objects that every area uses."""

    services: Services
    options: OrganizationOptions
    records: Records
    directory: Directory
    access: Access
    activation: Activation

    @property
    def database(self) -> Database:
        """The database of the service."""
        return self.services.database

    async def record(
        self,
        tx: AsyncConnection,
        name: EventName,
        user_id: str,
        organization_id: str,
        **more: str,
    ) -> None:
        """Writes an audit event about this user, as a step of `tx`."""
        details = {"organization": organization_id, **more}
        await self.services.audit.add(tx, Event(name, user_id, details=details))

    @asynccontextmanager
    async def change(
        self, organization_id: str, user_id: str, refusal: type[Refusal] = MemberNotFound
    ) -> AsyncIterator[tuple[AsyncConnection, MemberWithUser]]:
        """A transaction that holds the lock of an organization, with the user's membership in it.

        Raises the refusal if the user is no member, and FailedToSave if the database refuses a
        value.
        """
        # An outsider must not wait for the lock, and nobody for an outsider.
        if await self.directory.find_member(self.database, user_id, organization_id) is None:
            raise refusal
        with refuse_values(FailedToSave):
            async with self.database.begin() as tx:
                await self.directory.lock(tx, organization_id)
                member = await self.directory.find_member(tx, user_id, organization_id)
                if member is None:
                    raise refusal
                yield tx, member

    async def get_organization(
        self, tx: AsyncConnection | Database, organization_id: str
    ) -> Organization:
        """Returns the organization. Raises OrganizationNotFound."""
        found = await self.directory.find(tx, organization_id)
        if found is None:
            raise OrganizationNotFound
        return found


def make_common(services: Services, options: OrganizationOptions) -> Common:
    """Returns the objects for these options."""
    records = Records(services, options)
    activation = Activation(services.session_store, services.guard)
    return Common(
        services, options, records, Directory(records), Access(options, records), activation
    )


def choose_organization(
    named: object,
    request: SignedInRequest[B, Q],
    refusal: type[Refusal] = NoActiveOrganization,
) -> str:
    """Returns the id that a request gives, or the one of the active organization.

    Raises the refusal if there is none.
    """
    found = named if isinstance(named, str) and named else find_active_organization(request.caller)
    if not found:
        raise refusal
    return found


async def add(tx: AsyncConnection, mapper: Mapper[R], record: R, **more: object) -> None:
    """Inserts a record. `more` are columns that it does not show."""
    await tx.execute(insert(mapper.table), {**mapper.to_row(record), **more})
