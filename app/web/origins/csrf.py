"""Protection against cross-site request forgery (CSRF)."""

from ...models.errors import CrossSiteNavigationLoginBlocked, InvalidOrigin, MissingOrNullOrigin
from ..http.headers import Headers
from .checks import EVERY_CHECK, OriginChecks
from .trusted_origins import TrustedOrigins

_HARMLESS = frozenset(("GET", "HEAD", "OPTIONS"))
_FETCH_METADATA = (b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest")


def refuse_foreign_cookie_request(method: str, headers: Headers, trusted: TrustedOrigins) -> None:
    """Refuses a request with cookies from an origin that is not trusted (`validateOrigin`).

    Any Cookie header, also an empty one, makes a trusted Origin or Referer mandatory. Raises
    `MissingOrNullOrigin` or `InvalidOrigin`.
    """
    if method not in _HARMLESS and b"cookie" in headers:
        _require_trusted_origin(headers, trusted)


def refuse_login_csrf(
    headers: Headers, trusted: TrustedOrigins, checks: OriginChecks = EVERY_CHECK
) -> None:
    """Refuses a sign-in that a page of another site started (`validateFormCsrf`).

    It is for endpoints that are dangerous without a cookie. `refuse_foreign_cookie_request` checks
    requests with a Cookie header. Programs other than browsers send none of these headers and are
    accepted. Raises `CrossSiteNavigationLoginBlocked`, `MissingOrNullOrigin` or `InvalidOrigin`.
    """
    if b"cookie" in headers or not checks.logins:
        return
    site, mode, dest = (headers.get(name) or "" for name in _FETCH_METADATA)
    if site.strip() or mode.strip() or dest.strip():
        if site == "cross-site" and mode == "navigate":
            raise CrossSiteNavigationLoginBlocked
        if checks.origins:
            _require_trusted_origin(headers, trusted)
    elif checks.origins and (headers.get(b"origin") or headers.get(b"referer")):
        _require_trusted_origin(headers, trusted)


def _require_trusted_origin(headers: Headers, trusted: TrustedOrigins) -> None:
    origin = headers.get(b"origin")
    value = origin or headers.get(b"referer") or ""
    if origin == "null" and headers.get(b"sec-fetch-site") == "same-origin":
        value = _get_own_origin(headers)
    if not value or value == "null":
        raise MissingOrNullOrigin
    if not trusted.trusts_origin(value):
        raise InvalidOrigin


def _get_own_origin(headers: Headers) -> str:
    """Returns the origin that the browser called, according to the request (`getBaseURL`).

    A page cannot set any of these headers, and the result must also be a trusted origin.
    """
    scheme = "https" if headers.get(b"x-forwarded-proto") == "https" else "http"
    return f"{scheme}://{headers.get(b'host') or ''}"
