"""The refusals about invitations."""

from ....models.errors import ComposedRefusal, Refusal


class InvitingWithRoleNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE"
    message = "You are not allowed to invite a user with this role"


class UnknownInvitedRoles(ComposedRefusal):
    """The same in an invitation. The original has no code for it."""

    status, message = 400, "ROLE_NOT_FOUND: boss"


class AlreadyInvited(Refusal):
    status, code = 400, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION"
    message = "User is already invited to this organization"


class InvitationLimitReached(Refusal):
    status, code, message = 403, "INVITATION_LIMIT_REACHED", "Invitation limit reached"


class InvitationNotFound(Refusal):
    status, code, message = 400, "INVITATION_NOT_FOUND", "Invitation not found"


class RejectedInvitationNotFound(Refusal):
    status, code, message = 400, "INVITATION_NOT_FOUND", "Invitation not found!"


class NotRecipient(Refusal):
    status, code = 403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION"
    message = "You are not the recipient of the invitation"


class VerificationNeededToDecide(Refusal):
    status, code = 403, "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION"
    message = "Email verification required before accepting or rejecting invitation"


class VerificationNeededToView(Refusal):
    status, code = 403, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION"
    message = "Email verification required to view or list invitations for the session email"


class CancelingNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION"
    message = "You are not allowed to cancel this invitation"


class ListingInvitationsNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS"
    message = "You are not allowed to list invitations for this organization"


class OrganizationIdRequired(Refusal):
    """The original has no code for it."""

    status, message = 400, "Organization ID is required"


class NotMemberToList(Refusal):
    """The original has no code for it."""

    status, message = 403, "You are not a member of this organization"


class InviterNoLongerMember(Refusal):
    status, code = 400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION"
    message = "Inviter is no longer a member of the organization"


class EmailNotForClients(Refusal):
    """The original has no code for it."""

    status, message = 400, "User email cannot be passed for client side API calls."


class SessionOrEmailMissing(Refusal):
    """The original has no code for it."""

    status, message = 400, "Missing session headers, or email query parameter."
