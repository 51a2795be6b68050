"""Cross-site request forgery: who may send a request that changes something."""

from ...models.errors import CrossSiteNavigationLoginBlocked, InvalidOrigin, MissingOrNullOrigin
from ..http.headers import Headers
from .checks import EVERY_CHECK, Checks
from .trusted_origins import TrustedOrigins

_HARMLESS = frozenset(("GET", "HEAD", "OPTIONS"))
_FETCH_METADATA = (b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest")


def refuse_foreign_cookie_request(method: str, headers: Headers, trusted: TrustedOrigins) -> None:
    """Refuse a request that a foreign page sent with the browser's cookies (`validateOrigin`).

    Any Cookie header, even an empty or a foreign one, makes a trusted Origin or Referer
    mandatory. Raises `MissingOrNullOrigin` or `InvalidOrigin`.
    """
    if method not in _HARMLESS and b"cookie" in headers:
        _require_trusted_origin(headers, trusted)


def refuse_login_csrf(
    headers: Headers, trusted: TrustedOrigins, checks: Checks = EVERY_CHECK
) -> None:
    """Refuse a sign-in that a foreign page started in a browser (`validateFormCsrf`).

    For routes that need no cookie to do harm. Requests with a Cookie header are judged by
    `refuse_foreign_cookie_request`; programs that are no browsers send none of these headers
    and pass. Raises `CrossSiteNavigationLoginBlocked`, `MissingOrNullOrigin` or `InvalidOrigin`.
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
        value = _own_origin(headers)
    if not value or value == "null":
        raise MissingOrNullOrigin
    if not trusted.trusts_origin(value):
        raise InvalidOrigin


def _own_origin(headers: Headers) -> str:
    """The origin that the browser called, as the request tells it (`getBaseURL`).

    A page can't set any of these headers, and the result must still be a trusted origin.
    """
    scheme = "https" if headers.get(b"x-forwarded-proto") == "https" else "http"
    return f"{scheme}://{headers.get(b'host') or ''}"
