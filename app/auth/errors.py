"""Refusals of auth: sign-in, sessions, passwords, addresses, accounts and deletion."""

from ..models.errors import ComposedRefusal, Refusal, SilentRefusal


class FieldNotAllowed(ComposedRefusal):
    status, code, message = 400, "FIELD_NOT_ALLOWED", "role is not allowed to be set"


class MissingField(ComposedRefusal):
    status, code, message = 400, "MISSING_FIELD", "age is required"


class NoFieldsToUpdate(Refusal):
    status, message = 400, "No fields to update"


class FailedToUpdateSession(Refusal):
    """A value that the database cannot store. The original answers an empty 500."""

    status, code, message = 422, "FAILED_TO_UPDATE_SESSION", "Failed to update session"


class FailedToGetSession(Refusal):
    """The session was deleted while it was being renewed."""

    status, code, message = 401, "FAILED_TO_GET_SESSION", "Failed to get session"
    response_headers = ("Set-Cookie",)


class SessionNotFresh(Refusal):
    """The session is too old for this. The user must sign in again."""

    status, code, message = 403, "SESSION_NOT_FRESH", "Session is not fresh"


class DeferSessionRequired(Refusal):
    status, code = 405, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED"
    message = "POST method requires deferSessionRefresh to be enabled in session config"


class BannedUser(Refusal):
    """The admin plugin of the Node server banned this user."""

    status, code, message = 403, "BANNED_USER", "This user is banned"


class UserDisabled(Refusal):
    """An operator disabled this user at the command line."""

    status, code = 403, "USER_DISABLED"
    message = "Your account is disabled. Please contact support if you believe this is an error."


class TwoFactorRequired(Refusal):
    """The user has a second factor, and the plugin `two-factor`, which checks it, is off."""

    status, code = 403, "TWO_FACTOR_REQUIRED"
    message = "This user signs in with a second factor, which is off on this server"


class SigningKeyUnreadable(Refusal):
    """The key pair was encrypted with another secret. The log says how to repair it."""

    status, code = 500, "SIGNING_KEY_UNREADABLE"
    message = "The key that signs access tokens cannot be read"


class HashingOverloaded(Refusal):
    """The hash queue is full. The response has `Retry-After` in seconds."""

    status, code = 503, "SERVER_BUSY"
    message = "Too many passwords are being checked, try again shortly"
    response_headers = ("Retry-After",)


class InvalidEmail(Refusal):
    status, code, message = 400, "INVALID_EMAIL", "Invalid email"


class WrongPassword(Refusal):
    """A wrong password. The login throttle counts it."""


class InvalidEmailOrPassword(WrongPassword):
    status, code, message = 401, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password"


class EmailNotVerified(Refusal):
    status, code, message = 403, "EMAIL_NOT_VERIFIED", "Email not verified"


class EmailPasswordDisabled(Refusal):
    status, code, message = 400, "EMAIL_PASSWORD_DISABLED", "Email and password is not enabled"


class EmailPasswordSignUpDisabled(Refusal):
    status, code = 400, "EMAIL_PASSWORD_SIGN_UP_DISABLED"
    message = "Email and password sign up is not enabled"


class UserAlreadyExists(Refusal):
    status, code = 422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"
    message = "User already exists. Use another email."


class FailedToCreateUser(Refusal):
    status, code, message = 422, "FAILED_TO_CREATE_USER", "Failed to create user"


class InvalidLink(Refusal):
    status, code, message = 401, "INVALID_TOKEN", "Invalid token"


class LinkExpired(Refusal):
    status, code, message = 401, "TOKEN_EXPIRED", "Token expired"


class ResetPasswordDisabled(Refusal):
    status, code, message = 400, "RESET_PASSWORD_DISABLED", "Reset password isn't enabled"


class InvalidResetToken(Refusal):
    status, code, message = 400, "INVALID_TOKEN", "Invalid token"


class UserNotFound(Refusal):
    """The user was deleted in between."""

    status, code, message = 400, "USER_NOT_FOUND", "User not found"


class NoSuchUser(Refusal):
    """Nobody has this id, which an administrator or the application names."""

    status, code, message = 404, "USER_NOT_FOUND", "User not found"


class NoSuchSession(Refusal):
    """The user has no active session with this id."""

    status, code, message = 404, "SESSION_NOT_FOUND", "Session not found"


class LinkUserNotFound(Refusal):
    status, code, message = 401, "USER_NOT_FOUND", "User not found"


class InvalidUser(Refusal):
    """Another user is signed in where the link was opened."""

    status, code, message = 401, "INVALID_USER", "Invalid user"


class AddressTaken(Refusal):
    """Another user got the new address first. The original answers an empty 500."""

    status, code = 422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"
    message = "User already exists. Use another email."


class VerificationEmailNotEnabled(Refusal):
    status, code = 400, "VERIFICATION_EMAIL_NOT_ENABLED"
    message = "Verification email isn't enabled"


class EmailMismatch(Refusal):
    status, code, message = 400, "EMAIL_MISMATCH", "Email mismatch"


class EmailAlreadyVerified(Refusal):
    status, code, message = 400, "EMAIL_ALREADY_VERIFIED", "Email is already verified"


class ChangeEmailDisabled(Refusal):
    status, code, message = 400, "CHANGE_EMAIL_DISABLED", "Change email is disabled"


class EmailIsTheSame(Refusal):
    status, message = 400, "Email is the same"


class NoWayToChangeEmail(Refusal):
    """The address may not change without a mail, and no mail can be sent."""

    status, message = 400, "Verification email isn't enabled"


class PasswordTooShort(Refusal):
    status, code, message = 400, "PASSWORD_TOO_SHORT", "Password too short"


class PasswordTooLong(Refusal):
    status, code, message = 400, "PASSWORD_TOO_LONG", "Password too long"


class InvalidPassword(WrongPassword):
    """It is not the password of the signed-in user."""

    status, code, message = 400, "INVALID_PASSWORD", "Invalid password"


class CredentialAccountNotFound(Refusal):
    """The user has no password."""

    status, code = 400, "CREDENTIAL_ACCOUNT_NOT_FOUND"
    message = "Credential account not found"


class SessionExpired(Refusal):
    """The session is too old for this. The user must sign in again."""

    status, code = 400, "SESSION_EXPIRED"
    message = "Session expired. Re-authenticate to perform this action."


class FailedToGetUserInfo(Refusal):
    status, code, message = 404, "FAILED_TO_GET_USER_INFO", "Failed to get user info"


class InvalidDeletionToken(Refusal):
    status, code, message = 404, "INVALID_TOKEN", "Invalid token"


class DeletionDisabled(Refusal):
    """A mailed link was opened, but `user.deleteUser` is off."""

    status, code, message = 404, "NOT_FOUND", "Not found"


class DeleteUserDisabled(SilentRefusal):
    status, message = 404, "no body where user.deleteUser is not enabled"


class FailedToDeleteUser(Refusal):
    """Rows of the application refer to the user. The original answers 500."""

    status, code = 409, "FAILED_TO_DELETE_USER"
    message = "Failed to delete user. Other data still refers to it."


class EmailCanNotBeUpdated(Refusal):
    status, code, message = 400, "EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated"


class FailedToUpdateUser(Refusal):
    """A unique value belongs to another user. The original answers an empty 500."""

    status, code, message = 422, "FAILED_TO_UPDATE_USER", "Failed to update user"


class NobodySignedIn(SilentRefusal):
    """`Unauthorized` without a body, as the original answers it."""

    status, message = 401, "no body where nobody is signed in"


class AccountNotFound(Refusal):
    status, code, message = 400, "ACCOUNT_NOT_FOUND", "Account not found"


class FailedToUnlinkLastAccount(Refusal):
    """The user could not sign in without this last account."""

    status, code = 400, "FAILED_TO_UNLINK_LAST_ACCOUNT"
    message = "You can't unlink your last account"


class ProviderNotConfigured(Refusal):
    status, code = 400, "PROVIDER_NOT_CONFIGURED"
    message = "Account is not associated with a configured social provider."


class ProviderNotSupported(ComposedRefusal):
    status, code = 400, "PROVIDER_NOT_SUPPORTED"
    message = "Provider credential is not supported."


class ProviderNotFound(Refusal):
    status, code, message = 404, "PROVIDER_NOT_FOUND", "Provider not found"
