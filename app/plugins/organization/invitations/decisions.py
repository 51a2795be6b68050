"""Accepts, rejects and cancels invitations."""

from datetime import datetime

from msgspec import Struct, structs
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from ....models.clock import from_iso, to_iso
from ....models.errors import Refusal
from ....models.records import User
from ....storage.refused_values import refuse_values
from ..common import Common, add
from ..errors import (
    AlreadyMember,
    FailedToSave,
    MemberNotFound,
    MembershipLimitReached,
)
from ..records import Invitation, Member
from ..role_names import join_role_names, parse_role_names
from ..team_membership import TeamMembership
from ..teams.errors import TeamMemberLimitReached, TeamNotFound
from .errors import (
    CancelingNotAllowed,
    InvitationNotFound,
    NotRecipient,
    RejectedInvitationNotFound,
    VerificationNeededToDecide,
)


class Acceptance(Struct, frozen=True):
    """An accepted invitation, the new membership, and the team that becomes the active one."""

    invitation: Invitation
    member: Member
    team_id: str | None


class Decisions:
    """Accepts, rejects and cancels invitations. Each one is accepted once."""

    def __init__(self, common: Common, membership: TeamMembership) -> None:
        self._common = common
        self._options = common.options
        self._membership = membership

    async def get_received(
        self,
        user: User,
        invitation_id: str,
        *,
        missing: type[Refusal],
        unverified: type[Refusal] = VerificationNeededToDecide,
    ) -> Invitation:
        """Returns a pending invitation to this user.

        Raises `missing`, NotRecipient, and `unverified` if the options ask for a verified address.
        """
        common = self._common
        found = await common.directory.find_invitation(common.database, invitation_id)
        if found is None or found.status != "pending":
            raise missing
        if found.email.lower() != user.email.lower():
            raise NotRecipient
        if self._options.require_email_verification_on_invitation and not user.email_verified:
            raise unverified
        return found

    async def accept(self, user: User, invitation_id: str, now: datetime) -> Acceptance:
        """Makes the user a member, of the teams of the invitation, too. All of it or nothing.

        Raises InvitationNotFound, NotRecipient, VerificationNeededToDecide, OrganizationNotFound,
        MembershipLimitReached, AlreadyMember, TeamNotFound and TeamMemberLimitReached.
        """
        common = self._common
        unread = await common.directory.find_invitation(common.database, invitation_id)
        if unread is not None and from_iso(unread.expires_at) < now:
            raise InvitationNotFound
        found = await self.get_received(user, invitation_id, missing=InvitationNotFound)
        with refuse_values(FailedToSave):
            async with common.database.begin() as tx:
                await common.directory.lock(tx, found.organization_id)
                await self._check_room(tx, user, found.organization_id)
                await self._set_status(tx, found, "accepted", InvitationNotFound)
                team_id = await self._join_teams(tx, user, found, now)
                member = Member(
                    organization_id=found.organization_id,
                    user_id=user.id,
                    role=join_role_names(parse_role_names(found.role)),
                    created_at=to_iso(now),
                    id=common.records.members.generate_id(),
                )
                await add(tx, common.records.members, member)
                await common.record(tx, "member_added", user.id, found.organization_id)
        return Acceptance(structs.replace(found, status="accepted"), member, team_id)

    async def _check_room(self, tx: AsyncConnection, user: User, organization_id: str) -> None:
        directory = self._common.directory
        await self._common.get_organization(tx, organization_id)
        if await directory.count_members(tx, organization_id) >= self._options.membership_limit:
            raise MembershipLimitReached
        if await directory.find_member(tx, user.id, organization_id) is not None:
            raise AlreadyMember

    async def _join_teams(
        self, tx: AsyncConnection, user: User, invitation: Invitation, now: datetime
    ) -> str | None:
        """Adds the user to the teams. Returns the id of the only one."""
        team_ids = invitation.team_id.split(",") if invitation.team_id else []
        if not team_ids:
            return None
        teams = await self._common.directory.list_teams(tx, invitation.organization_id)
        known = {team.id for team in teams}
        for team_id in dict.fromkeys(team_ids):
            if team_id not in known:
                raise TeamNotFound
            if await self._membership.add(tx, team_id, user.id, now) is None:
                raise TeamMemberLimitReached
        return team_ids[0] if len(team_ids) == 1 else None

    async def reject(self, user: User, invitation_id: str) -> Invitation:
        """Rejects an invitation, and returns it.

        Raises RejectedInvitationNotFound, NotRecipient, VerificationNeededToDecide and
        OrganizationNotFound.
        """
        missing, common = RejectedInvitationNotFound, self._common
        found = await self.get_received(user, invitation_id, missing=missing)
        async with common.database.begin() as tx:
            await common.get_organization(tx, found.organization_id)
            await self._set_status(tx, found, "rejected", missing)
        return structs.replace(found, status="rejected")

    async def cancel(self, user: User, invitation_id: str) -> Invitation:
        """Cancels an invitation whatever its status is, and returns it.

        Raises InvitationNotFound, MemberNotFound, CancelingNotAllowed and OrganizationNotFound.
        """
        common = self._common
        found = await common.directory.find_invitation(common.database, invitation_id)
        if found is None:
            raise InvitationNotFound
        async with common.change(found.organization_id, user.id, MemberNotFound) as (tx, caller):
            may_cancel, organization_id = {"invitation": ("cancel",)}, found.organization_id
            if not await common.access.is_allowed(tx, caller.role, may_cancel, organization_id):
                raise CancelingNotAllowed
            await common.get_organization(tx, organization_id)
            await self._set_status(tx, found, "canceled")
        return structs.replace(found, status="canceled")

    async def _set_status(
        self,
        tx: AsyncConnection,
        invitation: Invitation,
        status: str,
        refusal: type[Refusal] | None = None,
    ) -> None:
        """With a refusal, the invitation must still be pending."""
        table = self._common.records.invitations.table
        changed = update(table).where(table.c.id == invitation.id).values(status=status)
        if refusal is not None:
            changed = changed.where(table.c.status == "pending")
        if (await tx.execute(changed)).rowcount == 0 and refusal is not None:
            raise refusal
