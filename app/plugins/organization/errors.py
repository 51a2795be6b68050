"""The refusals of the plugin: `ORGANIZATION_ERROR_CODES` of Better Auth 1.7.25."""

from ...models.errors import ComposedRefusal, Refusal, SilentRefusal


class OrganizationCreationNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION"
    message = "You are not allowed to create a new organization"


class TooManyOrganizations(Refusal):
    status, code = 403, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS"
    message = "You have reached the maximum number of organizations"


class OrganizationAlreadyExists(Refusal):
    status, code, message = 400, "ORGANIZATION_ALREADY_EXISTS", "Organization already exists"


class SlugAlreadyTaken(Refusal):
    status, code = 400, "ORGANIZATION_SLUG_ALREADY_TAKEN"
    message = "Organization slug already taken"


class OrganizationNotFound(Refusal):
    status, code, message = 400, "ORGANIZATION_NOT_FOUND", "Organization not found"


class NotSignedInToUpdate(Refusal):
    """Nobody is signed in. The original has no code for it."""

    status, message = 401, "User not found"
    response_headers = ("Set-Cookie",)


class NotSignedInToRead(Refusal):
    """Nobody is signed in. The original has no code for it."""

    status, message = 401, "Not authenticated"
    response_headers = ("Set-Cookie",)


class UserIsNotMember(Refusal):
    status, code = 400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"
    message = "User is not a member of the organization"


class CallerIsNotMember(UserIsNotMember):
    """The same where the caller has no access."""

    status = 403


class PermissionOfNoMember(UserIsNotMember):
    """The same in `/organization/has-permission`."""

    status = 401


class NotMember(Refusal):
    status, code = 403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION"
    message = "You are not a member of this organization"


class OrganizationUpdateNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION"
    message = "You are not allowed to update this organization"


class OrganizationDeletionNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION"
    message = "You are not allowed to delete this organization"


class OrganizationDeletionDisabled(Refusal):
    status, code = 404, "ORGANIZATION_DELETION_DISABLED"
    message = "Organization deletion is disabled"


class NoActiveOrganization(Refusal):
    status, code, message = 400, "NO_ACTIVE_ORGANIZATION", "No active organization"


class AlreadyMember(Refusal):
    status, code = 400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION"
    message = "User is already a member of this organization"


class MemberNotFound(Refusal):
    status, code, message = 400, "MEMBER_NOT_FOUND", "Member not found"


class RoleNotFound(Refusal):
    status, code, message = 400, "ROLE_NOT_FOUND", "Role not found"


class UnknownRoles(ComposedRefusal):
    status, code, message = 400, "ROLE_NOT_FOUND", "ROLE_NOT_FOUND: boss"


class RoleMissing(SilentRefusal):
    """The body names no role."""

    status, message = 400, "no body where no role is named"


class OnlyOwner(Refusal):
    status, code = 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER"
    message = "You cannot leave the organization as the only owner"


class WithoutOwner(Refusal):
    status, code = 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER"
    message = "You cannot leave the organization without an owner"


class MemberDeletionNotAllowed(Refusal):
    status, code = 401, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER"
    message = "You are not allowed to delete this member"


class MemberUpdateNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER"
    message = "You are not allowed to update this member"


class MembershipLimitReached(Refusal):
    status, code = 403, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED"
    message = "Organization membership limit reached"


class UnusableFilter(ComposedRefusal):
    """A field that members do not have, or a value that does not fit. The original answers 500."""

    status, code, message = 400, "UNUSABLE_FILTER", "Members have no field nickname"


class FailedToSave(Refusal):
    """A value that the database cannot store. The original answers an empty 500."""

    status, code, message = 422, "FAILED_TO_SAVE", "Failed to save"


class InvitingNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION"
    message = "You are not allowed to invite users to this organization"


class UnreadableRole(ComposedRefusal):
    """The permissions of a stored role are not what a role has."""

    status, message = 500, "Invalid permissions for role editor"
