"""HTTP for invitations."""

from collections.abc import Sequence

from msgspec import UNSET

from ....auth.errors import InvalidEmail
from ....auth.sessions.guard import SignedInRequest
from ....auth.sessions.store import ActiveSession
from ....auth.users.emails import is_email
from ....models.clock import from_iso
from ....web.endpoint import ApiRequest, Route
from ....web.http.asgi import Header
from ....web.http.response import JsonResponse
from ..active import ORGANIZATION, TEAM
from ..bodies import read_whole
from ..common import Common, choose_organization
from ..errors import OrganizationNotFound
from ..records import Invitation, InvitationDetails, ReceivedInvitation, extend
from ..role_names import parse_role_names
from . import endpoints
from .decisions import Decisions
from .endpoints import (
    AcceptedInvitation,
    InvitationBody,
    InvitationQuery,
    InvitationsQuery,
    InviteMemberBody,
    ReceivedInvitationsQuery,
    RejectedInvitation,
)
from .errors import (
    EmailNotForClients,
    InvitationNotFound,
    InviterNoLongerMember,
    ListingInvitationsNotAllowed,
    NotMemberToList,
    OrganizationIdRequired,
    SessionOrEmailMissing,
    VerificationNeededToView,
)
from .inviting import InvitationRequest, Inviting
from .received import ReceivedInvitations


class InvitationRoutes:
    """HTTP for `Inviting` and `Decisions`, and for those who look at invitations."""

    def __init__(self, common: Common, inviting: Inviting, decisions: Decisions) -> None:
        self._common = common
        self._inviting = inviting
        self._decisions = decisions
        self._received = ReceivedInvitations(common)

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        guard = self._common.services.guard
        return [
            endpoints.INVITE.with_handler(self.invite, guard),
            endpoints.ACCEPT.with_handler(self.accept, guard),
            endpoints.REJECT.with_handler(self.reject, guard),
            endpoints.CANCEL.with_handler(self.cancel, guard),
            endpoints.GET_INVITATION.with_handler(self.get, guard),
            endpoints.LIST_INVITATIONS.with_handler(self.list_all, guard),
            endpoints.LIST_RECEIVED.with_handler(self.list_received, guard),
        ]

    async def invite(self, request: SignedInRequest[InviteMemberBody]) -> JsonResponse[Invitation]:
        """Invite somebody to an organization, by default to the active one.

        Only an owner invites owners. `resend` sends the invitation again that is there.
        """
        body = read_whole(request, InviteMemberBody)
        chosen = choose_organization(body.organization_id, request, OrganizationNotFound)
        email, team_ids = body.email.lower(), body.team_id
        if not is_email(email):
            raise InvalidEmail
        asked = InvitationRequest(
            email,
            parse_role_names(body.role),
            [] if team_ids is UNSET else team_ids,
            resend=body.resend is True,
        )
        user = request.caller.user
        return JsonResponse(await self._inviting.invite(user, chosen, asked, request.now))

    async def accept(
        self, request: SignedInRequest[InvitationBody]
    ) -> JsonResponse[AcceptedInvitation]:
        """Accept an invitation to the caller's address. The organization becomes the active one."""
        user, activation = request.caller.user, self._common.activation
        done = await self._decisions.accept(user, request.body.invitation_id, request.now)
        active = {ORGANIZATION: done.member.organization_id}
        headers: Sequence[Header] = ()
        if done.team_id is None:
            await activation.set(request, **active)
        else:
            headers = await activation.set_with_cookies(request, **active, **{TEAM: done.team_id})
        return JsonResponse(AcceptedInvitation(done.invitation, done.member), headers)

    async def reject(
        self, request: SignedInRequest[InvitationBody]
    ) -> JsonResponse[RejectedInvitation]:
        """Reject an invitation to the caller's address."""
        user, invitation_id = request.caller.user, request.body.invitation_id
        return JsonResponse(RejectedInvitation(await self._decisions.reject(user, invitation_id)))

    async def cancel(self, request: SignedInRequest[InvitationBody]) -> JsonResponse[Invitation]:
        """Cancel an invitation of an organization of mine."""
        user, invitation_id = request.caller.user, request.body.invitation_id
        return JsonResponse(await self._decisions.cancel(user, invitation_id))

    async def get(
        self, request: SignedInRequest[None, InvitationQuery]
    ) -> JsonResponse[InvitationDetails]:
        """Get an invitation to the caller's address, with its organization and who invites."""
        common, missing = self._common, InvitationNotFound
        database, directory = common.database, common.directory
        unread = await directory.find_invitation(database, request.query.id)
        if unread is not None and from_iso(unread.expires_at) < request.now:
            raise missing
        found = await self._decisions.get_received(
            request.caller.user,
            request.query.id,
            missing=missing,
            unverified=VerificationNeededToView,
        )
        organization = await common.get_organization(database, found.organization_id)
        inviter = await directory.find_member(database, found.inviter_id, organization.id)
        if inviter is None:
            raise InviterNoLongerMember
        details = extend(
            InvitationDetails,
            found,
            organization_name=organization.name,
            organization_slug=organization.slug,
            inviter_email=inviter.user.email,
        )
        return JsonResponse(details)

    async def list_all(
        self, request: SignedInRequest[None, InvitationsQuery]
    ) -> JsonResponse[list[Invitation]]:
        """List the invitations of an organization, by default of the active one, at most 100.

        Only those who may invite see them.
        """
        chosen = choose_organization(request.query.organization_id, request, OrganizationIdRequired)
        common, user_id = self._common, request.caller.user.id
        database, access = common.database, common.access
        member = await common.directory.find_member(database, user_id, chosen)
        if member is None:
            raise NotMemberToList
        if not await access.can_view_invitations(database, member.role, chosen):
            raise ListingInvitationsNotAllowed
        invitations = await common.directory.list_invitations(database, chosen)
        return JsonResponse(access.select_visible(invitations, member.role))

    async def list_received(
        self, request: ApiRequest[None, ActiveSession | None, ReceivedInvitationsQuery]
    ) -> JsonResponse[list[ReceivedInvitation]]:
        """List the pending invitations to the caller's address, which must be verified."""
        if request.query.email:
            raise EmailNotForClients
        if request.caller is None:
            raise SessionOrEmailMissing
        user = request.caller.user
        if not user.email_verified:
            raise VerificationNeededToView
        return JsonResponse([*await self._received.list_pending(user)])
