"""The refusals: a class has a status, a code of Better Auth, and a message."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self


class Refusal(Exception):
    """A refused request. The response is `{"message": …, "code": …}` with `status`.

    `headers` are (name, value) pairs that go with the answer; names may repeat. `response_headers`
    names the headers of its own that it may have, for the document. `details` are more fields of
    the body.
    """

    status: int
    code: str | None = None
    response_headers: ClassVar[tuple[str, ...]] = ()
    message: str
    details: Mapping[str, object] = {}

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


class HookRefusal(ComposedRefusal):
    """The refusal of a hook, like `throw new APIError(…)` in a hook of Better Auth.

    `status` is an HTTP status from 400 to 599. The client gets `message` and `code`.
    """

    code, message = "COMPANY_ONLY", "Sign up with your company's address"

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        """Raises ValueError for a status that is not a refusal."""
        if not 400 <= status <= 599:  # noqa: PLR2004 - RFC 9110, 15.5 and 15.6
            raise ValueError(f"a refusal cannot have the status {status}: 400 to 599 can")
        super().__init__(message)
        self.code, self.status = code, status


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


class Unauthorized(Refusal):
    status, code, message = 401, "UNAUTHORIZED", "Unauthorized"
    response_headers = ("Set-Cookie",)


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


class TooManyRequests(Refusal):
    status, message = 429, "Too many requests. Please try again later."
    response_headers = ("X-Retry-After",)


class StoreUnavailable(Refusal):
    """A store is down, full or slow. The response has `Retry-After` in seconds."""

    status, code, message = 503, "STORE_UNAVAILABLE", "The data store cannot be reached, try again"
    response_headers = ("Retry-After",)

    def __init__(self, headers: Sequence[tuple[str, str]] = (("retry-after", "2"),)) -> None:
        super().__init__(headers)
