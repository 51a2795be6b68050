"""The ASGI scope of a mounted application, as different frameworks hand it over."""

import logging
from urllib.parse import quote

from ...settings.settings import Settings
from ...web.http.asgi import RawHeaders, Receive, Scope, Send, respond
from ...web.urls.paths import normalize_path

_log = logging.getLogger("better_auth.server")
_TEXT: RawHeaders = [(b"content-type", b"text/plain; charset=utf-8")]


def complete_scope(scope: Scope, base: str) -> Scope:
    """Returns the scope with the whole raw path below `base`, and with a state of its own.

    A server may send no raw path. A framework, or a proxy, may have removed a prefix that only
    `root_path` tells.
    """
    raw_path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    if not _is_below(raw_path, base):
        prefix = quote(_get_prefix(scope)).encode()
        if prefix and _is_below(prefix + raw_path, base):
            raw_path = prefix + raw_path
    return {**scope, "raw_path": raw_path, "state": {}}


def has_own_path(scope: Scope, base: str) -> bool:
    """Whether a path is `base` or below it, also in a spelling that only frameworks decode."""
    decoded: str = scope["path"]
    return _is_below(complete_scope(scope, base)["raw_path"], base) or f"{decoded}/".startswith(
        f"{base}/"
    )


class OtherPaths:
    """Answers paths that are not below the base path: 404, or what is wrong with the mount."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.auth_path
        follows_url = settings.url.rstrip("/") != settings.origin
        self._variable = "the path of BETTER_AUTH_URL" if follows_url else "BETTER_AUTH_BASE_PATH"
        self._is_reported = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        mount: str = scope.get("root_path", "").removeprefix(scope.get("app_root_path", ""))
        if f"{self._base}/".startswith(f"{mount}/"):
            await respond(send, 404, [])
            return
        line = (
            f"BetterAuth is mounted at {mount}, but its base path is {self._base}: mount it at"
            f" {self._base}, or set {self._variable} to {mount}"
        )
        if not self._is_reported:
            self._is_reported = True
            _log.error(line)
        await respond(send, 500, _TEXT, line.encode())


def _get_prefix(scope: Scope) -> str:
    """Returns what stands before the path of the whole application. Only Starlette tells both."""
    prefix: str = scope.get("app_root_path") or scope.get("root_path", "")
    return prefix


def _is_below(raw_path: bytes, base: str) -> bool:
    return f"{normalize_path(raw_path)}/".startswith(f"{base}/")
