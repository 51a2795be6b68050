"""The endpoints of invitations, as they are declared."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from ....auth.errors import InvalidEmail
from ....web.endpoint import Caller, Endpoint
from ....web.input.validation import WireBody, WireQuery
from ..errors import (
    AlreadyMember,
    FailedToSave,
    InvitingNotAllowed,
    MemberNotFound,
    MembershipLimitReached,
    NotSignedInToRead,
    OrganizationNotFound,
    RoleNotFound,
)
from ..examples import ACME, ADAS_MEMBERSHIP
from ..members.endpoints import RoleText
from ..records import Invitation, InvitationDetails, Member, ReceivedInvitation, extend
from ..teams.errors import InvalidTeamId, TeamMemberLimitReached, TeamNotFound
from .errors import (
    AlreadyInvited,
    CancelingNotAllowed,
    EmailNotForClients,
    InvitationLimitReached,
    InvitationNotFound,
    InviterNoLongerMember,
    InvitingWithRoleNotAllowed,
    ListingInvitationsNotAllowed,
    NotMemberToList,
    NotRecipient,
    OrganizationIdRequired,
    RejectedInvitationNotFound,
    SessionOrEmailMissing,
    UnknownInvitedRoles,
    VerificationNeededToDecide,
    VerificationNeededToView,
)

TAG: Final = "Organization invitations"
_INVITATION: Final = Invitation(
    organization_id=ACME.id,
    email="bob@example.com",
    role="member",
    status="pending",
    expires_at="2026-11-23T00:44:05.831Z",
    created_at="2026-11-21T00:44:05.831Z",
    inviter_id=ADAS_MEMBERSHIP.user_id,
    id="iT5wJ2pL9sD4gH7fAoQ3xN8vQ1mZ6kT0",
)
_BOBS_MEMBERSHIP: Final = Member(
    organization_id=ACME.id,
    user_id="uB8vQ1mZ6kT0yR5wJ2pL9sD4gH7fAoQ3",
    role="member",
    created_at="2026-11-21T09:12:44.120Z",
    id="mB0yR5wJ2pL9sD4gH7fAoQ3xN8vQ1mZ6",
)
_NAME: Final = {"organization_name": ACME.name}
_DETAILS: Final = {
    **_NAME,
    "organization_slug": ACME.slug,
    "inviter_email": "ada@example.com",
}
TeamIds = Annotated[str | list[str], Meta(description="Where teams are on: one id, or several.")]


class InviteMemberBody(WireBody, frozen=True):
    """The body of `/organization/invite-member`."""

    email: str
    role: RoleText
    organization_id: str | UnsetType = UNSET
    resend: bool | UnsetType = UNSET
    team_id: TeamIds | UnsetType = UNSET


class InvitationBody(WireBody, frozen=True):
    """Which invitation."""

    invitation_id: str


class InvitationQuery(WireQuery, frozen=True):
    """Which invitation."""

    id: str


class InvitationsQuery(WireQuery, frozen=True):
    """Which organization: without any the active one."""

    organization_id: str | UnsetType = UNSET


class ReceivedInvitationsQuery(WireQuery, frozen=True):
    """`email` is refused: it is for calls inside a Node server."""

    email: str | UnsetType = UNSET


class AcceptedInvitation(Struct, frozen=True):
    """The response of `/organization/accept-invitation`."""

    invitation: Invitation
    member: Member


class RejectedInvitation(Struct, frozen=True):
    """The response of `/organization/reject-invitation`."""

    invitation: Invitation
    member: None = None


INVITE = Endpoint(
    "POST /organization/invite-member",
    name="createInvitation",
    tag=TAG,
    summary="Invite somebody by mail",
    caller=Caller.SESSION,
    accepts_nested=True,
    body=InviteMemberBody,
    body_examples={"A member": {"email": "bob@example.com", "role": "member"}},
    responses={"Invited": _INVITATION},
    refuses=(
        *(OrganizationNotFound, InvalidEmail, MemberNotFound, InvitingNotAllowed, RoleNotFound),
        *(UnknownInvitedRoles, InvitingWithRoleNotAllowed, AlreadyMember, AlreadyInvited),
        *(InvitationLimitReached, InvalidTeamId, TeamNotFound, TeamMemberLimitReached),
        FailedToSave,
    ),
)
ACCEPT = Endpoint(
    "POST /organization/accept-invitation",
    name="acceptInvitation",
    tag=TAG,
    summary="Accept an invitation",
    caller=Caller.SESSION,
    body=InvitationBody,
    body_examples={"The invitation": {"invitationId": _INVITATION.id}},
    responses={"Accepted": AcceptedInvitation(_INVITATION, _BOBS_MEMBERSHIP)},
    refuses=(
        *(InvitationNotFound, NotRecipient, VerificationNeededToDecide, OrganizationNotFound),
        *(MembershipLimitReached, AlreadyMember, TeamNotFound, TeamMemberLimitReached),
    ),
)
REJECT = Endpoint(
    "POST /organization/reject-invitation",
    name="rejectInvitation",
    tag=TAG,
    summary="Reject an invitation",
    caller=Caller.SESSION,
    body=InvitationBody,
    body_examples={"The invitation": {"invitationId": _INVITATION.id}},
    responses={"Rejected": RejectedInvitation(_INVITATION)},
    refuses=(
        RejectedInvitationNotFound,
        NotRecipient,
        VerificationNeededToDecide,
        OrganizationNotFound,
    ),
)
CANCEL = Endpoint(
    "POST /organization/cancel-invitation",
    name="cancelInvitation",
    tag=TAG,
    summary="Cancel an invitation",
    caller=Caller.SESSION,
    body=InvitationBody,
    body_examples={"The invitation": {"invitationId": _INVITATION.id}},
    responses={"Canceled": _INVITATION},
    refuses=(InvitationNotFound, MemberNotFound, CancelingNotAllowed, OrganizationNotFound),
)
GET_INVITATION = Endpoint(
    "GET /organization/get-invitation",
    name="getInvitation",
    tag=TAG,
    summary="Get an invitation that I received",
    caller=Caller.SESSION,
    unauthorized=NotSignedInToRead,
    query=InvitationQuery,
    responses={"The invitation": extend(InvitationDetails, _INVITATION, **_DETAILS)},
    refuses=(
        InvitationNotFound,
        NotRecipient,
        VerificationNeededToView,
        OrganizationNotFound,
        InviterNoLongerMember,
    ),
)
LIST_INVITATIONS = Endpoint(
    "GET /organization/list-invitations",
    name="listInvitations",
    tag=TAG,
    summary="List the invitations of an organization",
    caller=Caller.SESSION,
    query=InvitationsQuery,
    responses={"The invitations": [_INVITATION]},
    refuses=(OrganizationIdRequired, NotMemberToList, ListingInvitationsNotAllowed),
)
LIST_RECEIVED = Endpoint(
    "GET /organization/list-user-invitations",
    name="listUserInvitations",
    tag=TAG,
    summary="List the invitations that I received",
    caller=Caller.OPTIONAL,
    query=ReceivedInvitationsQuery,
    responses={"Pending ones": [extend(ReceivedInvitation, _INVITATION, **_NAME)]},
    refuses=(EmailNotForClients, VerificationNeededToView, SessionOrEmailMissing),
)
