"""The refusals of the plugin: `ADMIN_ERROR_CODES` of Better Auth 1.7.25."""

from ...models.errors import ComposedRefusal, Refusal


class UserIsBanned(ComposedRefusal):
    """The message is `bannedUserMessage`."""

    status, code = 403, "BANNED_USER"
    message = "You have been banned from this application"


class MayNotChangeRoles(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE"
    message = "You are not allowed to change users role"


class MayNotCreateUsers(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_USERS"
    message = "You are not allowed to create users"


class MayNotListUsers(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS"
    message = "You are not allowed to list users"


class MayNotListSessions(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS_SESSIONS"
    message = "You are not allowed to list users sessions"


class MayNotBanUsers(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS"
    message = "You are not allowed to ban users"


class MayNotImpersonate(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_IMPERSONATE_USERS"
    message = "You are not allowed to impersonate users"


class MayNotImpersonateAdmins(Refusal):
    status, code = 403, "YOU_CANNOT_IMPERSONATE_ADMINS"
    message = "You cannot impersonate admins"


class MayNotRevokeSessions(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS"
    message = "You are not allowed to revoke users sessions"


class MayNotDeleteUsers(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_USERS"
    message = "You are not allowed to delete users"


class MayNotSetPasswords(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD"
    message = "You are not allowed to set users password"


class MayNotGetUser(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_GET_USER"
    message = "You are not allowed to get user"


class MayNotUpdateUsers(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS"
    message = "You are not allowed to update users"


class MayNotSetEmails(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL"
    message = "You are not allowed to update users email"


class MayNotSetPhoneNumbers(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PHONE_NUMBER"
    message = "You are not allowed to update users phone number"


class CannotBanYourself(Refusal):
    status, code, message = 400, "YOU_CANNOT_BAN_YOURSELF", "You cannot ban yourself"


class CannotRemoveYourself(Refusal):
    status, code, message = 400, "YOU_CANNOT_REMOVE_YOURSELF", "You cannot remove yourself"


class UnknownRole(Refusal):
    status, code = 400, "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE"
    message = "You are not allowed to set a non-existent role value"


class InvalidRoleType(Refusal):
    status, code, message = 400, "INVALID_ROLE_TYPE", "Invalid role type"


class NoDataToUpdate(Refusal):
    status, code, message = 400, "NO_DATA_TO_UPDATE", "No data to update"


class PasswordIsNotUpdated(Refusal):
    status, code = 400, "PASSWORD_CANNOT_BE_UPDATED_VIA_UPDATE_USER"
    message = (
        "Password cannot be updated through update-user. Use the set-user-password endpoint instead"
    )


class UserIdIsNotUpdated(Refusal):
    status, code, message = 400, "USER_ID_CANNOT_BE_UPDATED", "User id cannot be updated"


class EmailIsTaken(Refusal):
    status, code = 400, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"
    message = "User already exists. Use another email."


class NoPermissionsPassed(Refusal):
    status, message = 400, "invalid permission check. no permission(s) were passed."


class NotImpersonating(Refusal):
    status, message = 400, "You are not impersonating anyone"


class ImpersonatorNotFound(Refusal):
    """The administrator who impersonates was removed."""

    status, message = 500, "Failed to find user"


class AdminSessionNotFound(Refusal):
    """The cookie of the administrator's own session is missing, or that session has ended."""

    status, message = 500, "Failed to find admin session"
