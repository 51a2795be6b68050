"""Creates, changes and deletes organizations."""

from datetime import datetime

import msgspec
from msgspec import UNSET, structs
from sqlalchemy import delete, update
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from ....auth.errors import NoFieldsToUpdate
from ....models.clock import to_iso
from ....models.records import User
from ....storage.refused_values import is_refused_value, log_refusal
from ..common import Common, add
from ..errors import (
    FailedToSave,
    OrganizationAlreadyExists,
    OrganizationCreationNotAllowed,
    OrganizationDeletionNotAllowed,
    OrganizationUpdateNotAllowed,
    SlugAlreadyTaken,
    TooManyOrganizations,
    UserIsNotMember,
)
from ..records import Member, Organization, Team
from ..team_membership import TeamMembership
from .endpoints import CreateOrganizationBody, OrganizationChanges


class Created(msgspec.Struct, frozen=True):
    """A new organization, the membership of its creator, and the id of its first team, if any."""

    organization: Organization
    member: Member
    team_id: str | None


class Organizations:
    """Creates, changes and deletes organizations."""

    def __init__(self, common: Common, membership: TeamMembership) -> None:
        self._common = common
        self._membership = membership
        self._options = common.options

    async def create(
        self, user: User, body: CreateOrganizationBody, metadata: object, now: datetime
    ) -> Created:
        """Creates an organization whose creator the user is.

        Raises OrganizationCreationNotAllowed, TooManyOrganizations, OrganizationAlreadyExists and
        FailedToSave.
        """
        if not self._options.allow_user_to_create_organization:
            raise OrganizationCreationNotAllowed
        text = msgspec.json.encode(metadata).decode() if metadata is not None else None
        organization = Organization(
            name=body.name,
            slug=body.slug,
            logo=None if body.logo is UNSET else body.logo,
            created_at=to_iso(now),
            metadata=text,
            id=self._common.records.organizations.generate_id(),
        )
        try:
            async with self._common.database.begin() as tx:
                await self._check_free(tx, user, body.slug)
                return await self._insert(tx, organization, user, now)
        except StatementError as error:
            if not is_refused_value(error):
                raise
            log_refusal(error)
            found = await self._common.directory.find_by_slug(self._common.database, body.slug)
            raise (FailedToSave if found is None else OrganizationAlreadyExists) from error

    async def _check_free(self, tx: AsyncConnection, user: User, slug: str) -> None:
        limit, directory = self._options.organization_limit, self._common.directory
        if limit is not None and await directory.count_of_user(tx, user.id) >= limit:
            raise TooManyOrganizations
        if await directory.find_by_slug(tx, slug) is not None:
            raise OrganizationAlreadyExists

    async def _insert(
        self, tx: AsyncConnection, organization: Organization, user: User, now: datetime
    ) -> Created:
        records = self._common.records
        await add(tx, records.organizations, organization)
        member = Member(
            organization_id=organization.id,
            user_id=user.id,
            role=self._options.creator_role,
            created_at=to_iso(now),
            id=records.members.generate_id(),
        )
        await add(tx, records.members, member)
        await self._common.record(tx, "organization_created", user.id, organization.id)
        teams = self._options.teams
        if not teams.enabled or not teams.default_team.enabled:
            return Created(organization, member, None)
        team = Team(
            name=organization.name,
            organization_id=organization.id,
            created_at=to_iso(now),
            updated_at=None,
            id=records.teams.generate_id(),
        )
        await add(tx, records.teams, team, memberCount=0)
        await self._membership.add(tx, team.id, user.id, now, is_limited=False)
        return Created(organization, member, team.id)

    async def change(
        self, user: User, organization_id: str, changes: OrganizationChanges
    ) -> Organization:
        """Changes an organization, and returns it.

        Raises UserIsNotMember, OrganizationUpdateNotAllowed, SlugAlreadyTaken, NoFieldsToUpdate and
        FailedToSave.
        """
        common, table = self._common, self._common.records.organizations.table
        values = {k: v for k, v in structs.asdict(changes).items() if v is not UNSET}
        if isinstance(values.get("metadata"), dict):
            values["metadata"] = msgspec.json.encode(values["metadata"]).decode()
        async with common.change(organization_id, user.id, UserIsNotMember) as (tx, member):
            permissions = {"organization": ("update",)}
            if not await common.access.is_allowed(tx, member.role, permissions, organization_id):
                raise OrganizationUpdateNotAllowed
            if isinstance(changes.slug, str):
                found = await common.directory.find_by_slug(tx, changes.slug)
                if found is not None and found.id != organization_id:
                    raise SlugAlreadyTaken
            if not values:
                raise NoFieldsToUpdate
            await tx.execute(update(table).where(table.c.id == organization_id).values(values))
            return await common.get_organization(tx, organization_id)

    async def delete(self, user: User, organization_id: str) -> Organization:
        """Deletes an organization with all that belongs to it, and returns it.

        Raises UserIsNotMember and OrganizationDeletionNotAllowed.
        """
        common, records = self._common, self._common.records
        async with common.change(organization_id, user.id, UserIsNotMember) as (tx, member):
            permissions = {"organization": ("delete",)}
            if not await common.access.is_allowed(tx, member.role, permissions, organization_id):
                raise OrganizationDeletionNotAllowed
            organization = await common.get_organization(tx, organization_id)
            for table in (records.members.table, records.invitations.table):
                await tx.execute(delete(table).where(table.c.organizationId == organization_id))
            # Teams and roles go with it by their foreign keys, as in Better Auth.
            table = records.organizations.table
            await tx.execute(delete(table).where(table.c.id == organization_id))
            await common.record(tx, "organization_deleted", user.id, organization_id)
            return organization
