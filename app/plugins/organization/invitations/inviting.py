"""Invites somebody, and sends an invitation again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import UNSET, Struct, structs
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ....models.clock import to_iso
from ....models.records import User
from ..common import Common
from ..errors import AlreadyMember, InvitingNotAllowed, RoleNotFound
from ..records import Invitation, Member, Organization
from ..role_names import join_role_names
from ..team_membership import TeamMembership
from ..teams.errors import InvalidTeamId, TeamMemberLimitReached, TeamNotFound
from .errors import (
    AlreadyInvited,
    InvitationLimitReached,
    InvitingWithRoleNotAllowed,
    UnknownInvitedRoles,
)
from .mail import InvitationMail


class InvitationRequest(Struct, frozen=True):
    """Whom somebody invites, in which roles, and to which teams. `email` is in lower case.

    One team may be named without a list. An empty text is no team, and is stored as it is.
    """

    email: str
    roles: Sequence[str]
    teams: str | Sequence[str]
    resend: bool

    def list_team_ids(self) -> Sequence[str]:
        """Returns the ids of the teams, each one once: the lock must not wait for many checks."""
        if isinstance(self.teams, str):
            return [self.teams] if self.teams else []
        return [*dict.fromkeys(self.teams)]


class Inviting:
    """Makes invitations, and mails them. Source: `createInvitation`."""

    def __init__(self, common: Common, membership: TeamMembership, mail: InvitationMail) -> None:
        self._common = common
        self._options = common.options
        self._membership = membership
        self._mail = mail

    async def invite(
        self, user: User, organization_id: str, asked: InvitationRequest, now: datetime
    ) -> Invitation:
        """Returns the new invitation, or the one that is sent again.

        Raises MemberNotFound, OrganizationNotFound, AlreadyMember, FailedToSave and the refusals
        about inviting, roles and teams.
        """
        common = self._common
        async with common.change(organization_id, user.id) as (tx, caller):
            await self._check_roles(tx, caller, asked.roles)
            directory = common.directory
            if await directory.find_member_by_email(tx, asked.email, organization_id) is not None:
                raise AlreadyMember
            pending = await directory.list_pending(tx, organization_id, now)
            earlier = [each for each in pending if each.email == asked.email]
            replaces = self._options.cancel_pending_invitations_on_re_invite
            if earlier and not asked.resend and not replaces:
                raise AlreadyInvited
            organization = await common.get_organization(tx, organization_id)
            if earlier and asked.resend:
                invitation = await self._extend(tx, caller, earlier[0], now)
            else:
                await self._cancel(tx, earlier)
                invitation = await self._make(tx, organization, caller, asked, now)
        self._mail.send(invitation, organization, user)
        return invitation

    async def _check_roles(self, tx: AsyncConnection, caller: Member, roles: Sequence[str]) -> None:
        access, organization_id = self._common.access, caller.organization_id
        may_invite = {"invitation": ("create",)}
        if not await access.is_allowed(tx, caller.role, may_invite, organization_id):
            raise InvitingNotAllowed
        if not roles:
            raise RoleNotFound
        unknown = await access.find_unknown(tx, roles, organization_id)
        if unknown:
            raise UnknownInvitedRoles(f"ROLE_NOT_FOUND: {', '.join(unknown)}")
        if access.creator_role in roles and not access.is_creator(caller.role):
            raise InvitingWithRoleNotAllowed

    async def _extend(
        self, tx: AsyncConnection, caller: Member, invitation: Invitation, now: datetime
    ) -> Invitation:
        access, table = self._common.access, self._common.records.invitations.table
        if access.is_creator(invitation.role) and not access.is_creator(caller.role):
            raise InvitingWithRoleNotAllowed
        expires_at = self._find_expiry(now)
        is_it = table.c.id == invitation.id
        await tx.execute(update(table).where(is_it).values(expiresAt=expires_at))
        return structs.replace(invitation, expires_at=expires_at)

    async def _make(
        self,
        tx: AsyncConnection,
        organization: Organization,
        caller: Member,
        asked: InvitationRequest,
        now: datetime,
    ) -> Invitation:
        directory, mapper = self._common.directory, self._common.records.invitations
        pending = await directory.list_pending(tx, organization.id, now)
        if len(pending) >= self._options.invitation_limit:
            raise InvitationLimitReached
        has_teams = self._common.records.has_teams
        if has_teams:
            await self._check_teams(tx, organization.id, asked.list_team_ids())
        team_id = asked.teams if isinstance(asked.teams, str) else ",".join(asked.teams) or None
        invitation = Invitation(
            organization_id=organization.id,
            email=asked.email,
            role=join_role_names(asked.roles),
            team_id=team_id if has_teams else UNSET,
            status="pending",
            expires_at=self._find_expiry(now),
            created_at=to_iso(now),
            inviter_id=caller.user_id,
            id=mapper.generate_id(),
        )
        await tx.execute(insert(mapper.table), mapper.to_row(invitation))
        return invitation

    async def _cancel(self, tx: AsyncConnection, invitations: Sequence[Invitation]) -> None:
        table = self._common.records.invitations.table
        is_one = table.c.id.in_([each.id for each in invitations])
        await tx.execute(update(table).where(is_one).values(status="canceled"))

    async def _check_teams(
        self, tx: AsyncConnection, organization_id: str, team_ids: Sequence[str]
    ) -> None:
        if any("," in team_id for team_id in team_ids):
            raise InvalidTeamId
        teams = await self._common.directory.list_teams(tx, organization_id)
        known = {team.id for team in teams}
        if not known >= {*team_ids}:
            raise TeamNotFound
        for team_id in team_ids:
            if await self._membership.is_full(tx, team_id):
                raise TeamMemberLimitReached

    def _find_expiry(self, now: datetime) -> str:
        return to_iso(now + timedelta(seconds=self._options.invitation_expires_in))
