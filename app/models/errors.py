"""The refusals: a class has a status, a code of Better Auth, and a message."""

from collections.abc import Sequence
from typing import ClassVar, Self


class Refusal(Exception):
    """A refused request. The response is `{"message": …, "code": …}` with `status`.

    `headers` are (name, value) pairs that go with the answer; names may repeat. `sends` names
    the headers of its own that it may have, for the document.
    """

    status: ClassVar[int]
    code: ClassVar[str | None] = None
    sends: ClassVar[tuple[str, ...]] = ()
    message: str

    def __init__(self, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(self.message)
        self.headers = headers

    def with_headers(self, headers: Sequence[tuple[str, str]]) -> Self:
        """A copy with these headers before its own."""
        later = self.__class__.__new__(self.__class__, *self.args)
        later.__dict__.update(self.__dict__)
        later.headers = [*headers, *self.headers]
        return later


class ComposedRefusal(Refusal):
    """A refusal whose message depends on the request."""

    def __init__(self, message: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        self.message = message
        super().__init__(headers)


class InvalidBody(ComposedRefusal):
    """`VALIDATION_ERROR`: the body or the query does not match the endpoint."""

    status, code = 400, "VALIDATION_ERROR"
    message = "[body.email] Invalid input: expected string, received undefined"


class InvalidUrlType(ComposedRefusal):
    """A callbackURL that is not a string. The original has no code for it."""

    status = 400
    message = "Invalid callbackURL: expected a string"


class SilentRefusal(Refusal):
    """A refusal that the original answers without a body. `message` is for OpenAPI."""


class MalformedJson(Refusal):
    status, code, message = 400, "BAD_REQUEST", "Invalid JSON in request body"


class UnsupportedMediaType(ComposedRefusal):
    status, code = 415, "UNSUPPORTED_MEDIA_TYPE"
    message = 'Content-Type "text/plain" is not allowed. Allowed types: application/json'


class BodyTooLarge(Refusal):
    status, code, message = 413, "PAYLOAD_TOO_LARGE", "Request body is larger than 1 MiB"


class TooManyFields(BodyTooLarge):
    message = "Request body has more than 1,000 fields"


class FieldNotAllowed(ComposedRefusal):
    status, code, message = 400, "FIELD_NOT_ALLOWED", "role is not allowed to be set"


class MissingField(ComposedRefusal):
    status, code, message = 400, "MISSING_FIELD", "age is required"


class NoFieldsToUpdate(Refusal):
    status, message = 400, "No fields to update"


class FailedToUpdateSession(Refusal):
    """A value that the database cannot store. The original answers an empty 500."""

    status, code, message = 422, "FAILED_TO_UPDATE_SESSION", "Failed to update session"


class Unauthorized(Refusal):
    status, code, message = 401, "UNAUTHORIZED", "Unauthorized"
    sends = ("Set-Cookie",)


class InvalidOrigin(Refusal):
    status, code, message = 403, "INVALID_ORIGIN", "Invalid origin"


class MissingOrNullOrigin(Refusal):
    status, code, message = 403, "MISSING_OR_NULL_ORIGIN", "Missing or null Origin"


class CrossSiteNavigationLoginBlocked(Refusal):
    status, code = 403, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED"
    message = "Cross-site navigation login blocked. This request appears to be a CSRF attack."


class InvalidCallbackUrl(Refusal):
    status, code, message = 403, "INVALID_CALLBACK_URL", "Invalid callbackURL"


class InvalidRedirectUrl(Refusal):
    status, code, message = 403, "INVALID_REDIRECT_URL", "Invalid redirectURL"


class InvalidErrorCallbackUrl(Refusal):
    status, code, message = 403, "INVALID_ERROR_CALLBACK_URL", "Invalid errorCallbackURL"


class InvalidNewUserCallbackUrl(Refusal):
    status, code, message = 403, "INVALID_NEW_USER_CALLBACK_URL", "Invalid newUserCallbackURL"


class FailedToGetSession(Refusal):
    """The session was deleted while it was being renewed."""

    status, code, message = 401, "FAILED_TO_GET_SESSION", "Failed to get session"
    sends = ("Set-Cookie",)


class SessionNotFresh(Refusal):
    """The session is too old for this. The user must sign in again."""

    status, code, message = 403, "SESSION_NOT_FRESH", "Session is not fresh"


class DeferSessionRequired(Refusal):
    status, code = 405, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED"
    message = "POST method requires deferSessionRefresh to be enabled in session config"


class BannedUser(Refusal):
    """The admin plugin of the Node server banned this user."""

    status, code, message = 403, "BANNED_USER", "This user is banned"


class TwoFactorRequired(Refusal):
    """The user has a second factor of the Node server, which this service cannot check."""

    status, code = 403, "TWO_FACTOR_REQUIRED"
    message = "This user signs in with a second factor, which this server does not offer"


class SigningKeyUnreadable(Refusal):
    """The key pair was encrypted with another secret. The log says how to repair it."""

    status, code = 500, "SIGNING_KEY_UNREADABLE"
    message = "The key that signs access tokens cannot be read"


class TooManyRequests(Refusal):
    status, message = 429, "Too many requests. Please try again later."
    sends = ("X-Retry-After",)


class StoreUnavailable(Refusal):
    status, code, message = 503, "STORE_UNAVAILABLE", "The data store cannot be reached, try again"


class HashingOverloaded(Refusal):
    """The hash queue is full. The response has `Retry-After` in seconds."""

    status, code = 503, "SERVER_BUSY"
    message = "Too many passwords are being checked, try again shortly"
    sends = ("Retry-After",)
