"""Creates, changes and removes teams, and says who is in them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ....auth.access_control import Permissions
from ....models.clock import to_iso
from ....models.records import User
from ..common import Common, add
from ..directory import LISTED
from ..errors import InvitingNotAllowed, UserIsNotMember
from ..queries import Query, Source
from ..records import Member, Team, TeamMember
from ..team_membership import TeamMembership
from .errors import (
    LastTeam,
    TeamCreationNotAllowed,
    TeamDeletionNotAllowed,
    TeamMemberCreationNotAllowed,
    TeamMemberLimitReached,
    TeamMemberRemovalNotAllowed,
    TeamNotFound,
    TeamsDeletionNotAllowed,
    TeamUpdateNotAllowed,
    TooManyTeams,
    UserIsNotTeamMember,
)

_MANAGE_MEMBERS: Permissions = {"member": ("update",)}


class Teams:
    """Creates, changes and removes teams. Every change holds the lock of the organization."""

    def __init__(self, common: Common, membership: TeamMembership) -> None:
        self._common = common
        self._options = common.options.teams
        self._membership = membership
        mapper = common.records.teams
        by_id = select(*mapper.columns).where(mapper.table.c.id == bindparam("team_id"))
        self._by_id = Query(by_id, mapper.to_record)
        members = common.records.team_members.table
        joined = select(*mapper.columns).join_from(
            members, mapper.table, members.c.teamId == mapper.table.c.id
        )
        of_user = joined.where(members.c.userId == bindparam("user_id")).limit(LISTED)
        self._of_user = Query(of_user, mapper.to_record)

    async def find(
        self, source: Source, team_id: str, organization_id: str | None = None
    ) -> Team | None:
        """Returns the team with this id, if it is of this organization."""
        found = await self._by_id.find(source, team_id=team_id)
        is_here = found is not None and organization_id in (None, found.organization_id)
        return found if is_here else None

    async def get(self, source: Source, team_id: str, organization_id: str) -> Team:
        """Returns the team of this organization. Raises TeamNotFound."""
        found = await self.find(source, team_id, organization_id)
        if found is None:
            raise TeamNotFound
        return found

    async def list_of_user(self, source: Source, user_id: str) -> Sequence[Team]:
        """Returns the teams of a user in all organizations, at most 100."""
        return await self._of_user.list_all(source, user_id=user_id)

    async def create(self, user: User, organization_id: str, name: str, now: datetime) -> Team:
        """Returns a new team.

        Raises InvitingNotAllowed for an outsider, TeamCreationNotAllowed, TooManyTeams,
        OrganizationNotFound and FailedToSave.
        """
        common, mapper = self._common, self._common.records.teams
        async with common.change(organization_id, user.id, InvitingNotAllowed) as (tx, caller):
            permissions: Permissions = {"team": ("create",)}
            if not await common.access.is_allowed(tx, caller.role, permissions, organization_id):
                raise TeamCreationNotAllowed
            teams, most = await self._list(tx, organization_id), self._options.maximum_teams
            if most is not None and len(teams) >= most:
                raise TooManyTeams
            await common.get_organization(tx, organization_id)
            team = Team(
                name=name,
                organization_id=organization_id,
                created_at=to_iso(now),
                updated_at=to_iso(now),
                id=mapper.generate_id(),
            )
            await add(tx, mapper, team, memberCount=0)
            return team

    async def rename(
        self, user: User, organization_id: str, team_id: str, name: str | None, now: datetime
    ) -> Team:
        """Returns the team with its new name, if there is one.

        Raises TeamUpdateNotAllowed, TeamNotFound, OrganizationNotFound and FailedToSave.
        """
        common, table = self._common, self._common.records.teams.table
        async with common.change(organization_id, user.id, TeamUpdateNotAllowed) as (tx, caller):
            permissions: Permissions = {"team": ("update",)}
            if not await common.access.is_allowed(tx, caller.role, permissions, organization_id):
                raise TeamUpdateNotAllowed
            team = await self.get(tx, team_id, organization_id)
            await common.get_organization(tx, organization_id)
            values = {"name": team.name if name is None else name, "updatedAt": to_iso(now)}
            await tx.execute(update(table).where(table.c.id == team_id).values(values))
            return await self.get(tx, team_id, organization_id)

    async def remove(
        self, user: User, organization_id: str, team_id: str, active_team_id: str | None
    ) -> None:
        """Removes a team, also from pending invitations.

        Raises TeamDeletionNotAllowed for an outsider and for the active team,
        TeamsDeletionNotAllowed, TeamNotFound, LastTeam and OrganizationNotFound.
        """
        common, refusal = self._common, TeamDeletionNotAllowed
        async with common.change(organization_id, user.id, refusal) as (tx, caller):
            if active_team_id == team_id:
                raise refusal
            permissions: Permissions = {"team": ("delete",)}
            if not await common.access.is_allowed(tx, caller.role, permissions, organization_id):
                raise TeamsDeletionNotAllowed
            await self.get(tx, team_id, organization_id)
            teams = await self._list(tx, organization_id)
            if len(teams) <= 1 and not self._options.allow_removing_all_teams:
                raise LastTeam
            await common.get_organization(tx, organization_id)
            members, table = common.records.team_members.table, common.records.teams.table
            await tx.execute(delete(members).where(members.c.teamId == team_id))
            await tx.execute(delete(table).where(table.c.id == team_id))
            await self._remove_from_invitations(tx, organization_id, team_id)

    async def _remove_from_invitations(
        self, tx: AsyncConnection, organization_id: str, team_id: str
    ) -> None:
        mapper = self._common.records.invitations
        invitations = await self._common.directory.list_pending(tx, organization_id)
        for invitation in invitations:
            team_ids = invitation.team_id.split(",") if invitation.team_id else []
            if team_id in team_ids:
                rest = ",".join(each for each in team_ids if each != team_id) or None
                change = update(mapper.table).where(mapper.table.c.id == invitation.id)
                await tx.execute(change.values({mapper.team_key: rest}))

    async def add_member(
        self, user: User, organization_id: str, team_id: str, added_id: str, now: datetime
    ) -> TeamMember:
        """Adds a member of the organization to a team, and returns the membership.

        Raises UserIsNotMember, TeamMemberCreationNotAllowed, TeamNotFound, OrganizationNotFound
        and TeamMemberLimitReached.
        """
        async with self._common.change(organization_id, user.id, UserIsNotMember) as (tx, caller):
            if not await self._common.access.is_allowed(
                tx, caller.role, _MANAGE_MEMBERS, organization_id
            ):
                raise TeamMemberCreationNotAllowed
            await self._check_target(tx, organization_id, team_id, added_id)
            member = await self._membership.add(tx, team_id, added_id, now)
            if member is None:
                raise TeamMemberLimitReached
            return member

    async def remove_member(
        self, user: User, organization_id: str, team_id: str, removed_id: str
    ) -> None:
        """Removes a member of the organization from a team.

        Raises UserIsNotMember, TeamMemberRemovalNotAllowed, TeamNotFound, OrganizationNotFound and
        UserIsNotTeamMember.
        """
        async with self._common.change(organization_id, user.id, UserIsNotMember) as (tx, caller):
            permissions: Permissions = {"member": ("delete",)}
            if not await self._common.access.is_allowed(
                tx, caller.role, permissions, organization_id
            ):
                raise TeamMemberRemovalNotAllowed
            await self._check_target(tx, organization_id, team_id, removed_id)
            if await self._membership.find(tx, team_id, removed_id) is None:
                raise UserIsNotTeamMember
            await self._membership.remove(tx, team_id, removed_id)

    async def _check_target(
        self, tx: AsyncConnection, organization_id: str, team_id: str, user_id: str
    ) -> None:
        directory = self._common.directory
        if await directory.find_member(tx, user_id, organization_id) is None:
            raise UserIsNotMember
        await self.get(tx, team_id, organization_id)
        await self._common.get_organization(tx, organization_id)

    async def _list(self, tx: AsyncConnection, organization_id: str) -> Sequence[Team]:
        return await self._common.directory.list_teams(tx, organization_id)

    async def can_manage(self, source: Source, caller: Member) -> bool:
        """Whether a member may see and change the teams of other members."""
        access = self._common.access
        return await access.is_allowed(source, caller.role, _MANAGE_MEMBERS, caller.organization_id)
