"""The refusals, with HTTP status and `WWW-Authenticate`; and the message of a missing extra."""

import re
from typing import ClassVar

_LONGEST_REASON = 200
_LONGEST_QUOTE = 60
_OF_SERVICE = {"database": "postgresql"}  # the service has the rest
_UNSAFE = re.compile(r'[^\x20-\x7e]|["\\]')


class BridgeError(Exception):
    """A request that is refused; `message` is for people, `code` for programs."""

    status: ClassVar[int]
    code: ClassVar[str]
    message: str

    def __init__(self) -> None:
        super().__init__(self.message)

    @property
    def detail(self) -> str:
        """The exact reason, never with the token."""
        return self.message

    @property
    def www_authenticate(self) -> str | None:
        """The challenge of RFC 6750 §3, or None."""
        return None

    @property
    def headers(self) -> dict[str, str]:
        """The response headers of this refusal."""
        challenge = self.www_authenticate
        return {} if challenge is None else {"WWW-Authenticate": challenge}


class MissingToken(BridgeError):
    """401: no credentials, or of a scheme other than Bearer (RFC 6750 §3.1: no error code then)."""

    status, code = 401, "UNAUTHORIZED"
    message = "Send an access token: Authorization: Bearer <token>"

    @property
    def www_authenticate(self) -> str:
        return "Bearer"


class InvalidToken(BridgeError):
    r"""401: the token is not valid. `reason` says why.

    Quoted values in the reason are cut to 200 printable ASCII characters without `"` and `\\`, as
    RFC 6750 §3 allows in `error_description`.
    """

    status, code, message = 401, "INVALID_TOKEN", "The access token is not valid"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = _UNSAFE.sub("?", reason)[:_LONGEST_REASON]

    def __str__(self) -> str:
        return f"{self.message}: {self.reason}"

    @property
    def detail(self) -> str:
        return self.reason

    @property
    def www_authenticate(self) -> str:
        return f'Bearer error="invalid_token", error_description="{self.reason}"'


class ForeignOrigin(BridgeError):
    """403: the cookie comes from a page that is not trusted."""

    status, code = 403, "INVALID_ORIGIN"
    message = "Pages of this origin may not call with cookies: see BETTER_AUTH_TRUSTED_ORIGINS"


class BannedUser(BridgeError):
    """403: the session is valid, but the admin plugin of a Node server banned the user."""

    status, code, message = 403, "BANNED_USER", "This user is banned"


class TwoFactorRequired(BridgeError):
    """403: the user has a second factor of a Node server, which this API cannot check."""

    status, code = 403, "TWO_FACTOR_REQUIRED"
    message = "This user signs in with a second factor, which is not asked for here"


class Unavailable(BridgeError):
    """503: keys, database or service are down, so the credentials cannot be checked.

    `reason` is for the log of this API. The client gets no addresses and no details, and
    `Retry-After` in seconds.
    """

    status, code = 503, "AUTH_UNAVAILABLE"
    message = "The credentials can't be checked at the moment, try again"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.message}: {self.reason}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "2"}


class ForbiddenUser(BridgeError):
    """403: the token is valid, but the path has another user."""

    status, code, message = 403, "FORBIDDEN", "This path belongs to another user"


def quote_value(value: object) -> str:
    """Quotes a claim or header value for a reason: short, in single quotes. None: `missing`."""
    if value is None:
        return "missing"
    text = value if isinstance(value, str) else type(value).__name__
    return f"'{text[:_LONGEST_QUOTE]}'" if isinstance(value, str) else f"a JSON {text}"


def describe_missing_extra(feature: str, missing: ModuleNotFoundError, extra: str) -> str:
    """Returns one line that names the extra to install, of the package that this is a part of."""
    if __name__.startswith("better_auth_bridge."):
        package = "better-auth-bridge"
    else:
        package, extra = "better-auth-service", _OF_SERVICE.get(extra, extra)
    return f'{feature} needs {missing.name}: pip install "{package}[{extra}]"'
