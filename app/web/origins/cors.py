"""CORS (Fetch standard) for trusted origins, and the security headers of all responses."""

from ...models.errors import MissingOrNullOrigin
from ...settings.settings import Settings
from ..http.asgi import App, RawHeaders, Receive, Scope, Send, respond
from ..urls.paths import normalize_path
from .notice import OriginNotice
from .trusted_origins import TrustedOrigins

EXPOSED = (
    b"set-auth-token, set-auth-jwt, X-Total-Count, X-Retry-After, Retry-After, WWW-Authenticate"
)
_ALWAYS_EXPOSED = frozenset((b"", *EXPOSED.split(b", ")))
_METHODS = b"GET, POST, PUT, PATCH, DELETE, OPTIONS"
_PREFLIGHT_AGE = b"600"  # seconds a browser may remember a preflight; Chromium's cap is 7200
_EXPOSE = b"access-control-expose-headers"
_SECURITY: RawHeaders = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"vary", b"Origin"),
]
_NO_STORE = (b"cache-control", b"no-store")


class SharedHeaders:
    """The security headers of all responses, and the CORS headers for trusted origins.

    `notice` is called for other origins, whose pages only see "CORS error", and for requests that
    were refused without an origin.
    """

    def __init__(self, settings: Settings, trusted: TrustedOrigins, notice: OriginNotice) -> None:
        self._auth_prefix = f"{settings.auth_path}/"
        self._trusted = trusted
        self._notice = notice

    def is_shared_with(self, origin: bytes) -> bool:
        """Whether scripts of this origin may read responses. Ask once: it may be a pattern."""
        return bool(origin) and self._trusted.trusts_cors(origin.decode("latin-1"))

    def complete(self, own: RawHeaders, reader: bytes, raw_path: bytes) -> RawHeaders:
        """Returns all headers of a response. `reader` is the origin it is shared with, or empty."""
        headers, more = own, []
        if reader:
            more = [*_allow(reader), (_EXPOSE, _add_exposed(own))]
            headers = [header for header in own if header[0] != _EXPOSE]
        if self._is_private(raw_path) and _NO_STORE[0] not in dict(own):
            more.append(_NO_STORE)
        return [*headers, *_SECURITY, *more]

    def observe(self, origin: bytes, refusal: str | None) -> None:
        """Calls the notice, if a request of an origin that reads nothing is a reason."""
        named = origin.decode("latin-1")
        if named and not self._trusted.trusts_origin(named):
            self._notice.on_refused(named)
        if refusal == MissingOrNullOrigin.code:
            self._notice.on_unnamed()

    def _is_private(self, raw_path: bytes) -> bool:
        return normalize_path(raw_path).startswith(self._auth_prefix)


class Preflights:
    """Answers preflights of trusted origins. Others get the original's empty 404."""

    def __init__(self, app: App, trusted: TrustedOrigins) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        headers = dict(scope["headers"]) if scope.get("method") == "OPTIONS" else {}
        if b"access-control-request-method" not in headers:
            await self._app(scope, receive, send)
        elif self._trusted.trusts_cors(_find_origin(scope).decode("latin-1")):
            await respond(send, 204, _make_preflight_headers(headers))
        else:
            await respond(send, 404, [])


def _find_origin(scope: Scope) -> bytes:
    headers: RawHeaders = scope["headers"]
    return next((value for name, value in headers if name == b"origin"), b"")


def _allow(origin: bytes) -> RawHeaders:
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
    ]


def _make_preflight_headers(headers: dict[bytes, bytes]) -> RawHeaders:
    requested = headers.get(b"access-control-request-headers", b"content-type, authorization")
    return [
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", requested),
        (b"access-control-max-age", _PREFLIGHT_AGE),
    ]


def _add_exposed(headers: RawHeaders) -> bytes:
    """Returns the names that every response exposes, and those that this one exposes, too."""
    named = next((value for name, value in headers if name == _EXPOSE), b"")
    more = [name for name in named.split(b", ") if name not in _ALWAYS_EXPOSED]
    return b", ".join((EXPOSED, *more))
