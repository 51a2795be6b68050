"""Logs which origin was refused, and how to trust it."""

from collections.abc import Callable

_MOST = 100  # lines; what follows is an attack, not a setting that was forgotten
_SHOWN = 100  # characters


class OriginNotice:
    """Calls `warn` once for each refused origin, and once for a missing one."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._warned: set[str] = set()

    def on_refused(self, origin: str) -> None:
        """Reports an origin that is not trusted."""
        if origin == "null":
            return
        shown = ascii(origin[:_SHOWN])
        self._warn_once(
            f"{shown} is not a trusted origin, so its pages cannot sign users in; if it is yours,"
            " add it to BETTER_AUTH_TRUSTED_ORIGINS"
        )

    def on_unnamed(self) -> None:
        """Reports a request that was refused without an origin, or with `null`."""
        self._warn_once(
            "a request without an Origin, or with Origin: null, was refused; if your script or"
            " server action sent it, send a trusted Origin: that of"
            " BETTER_AUTH_URL, or one of BETTER_AUTH_TRUSTED_ORIGINS"
        )

    def _warn_once(self, line: str) -> None:
        if line not in self._warned and len(self._warned) < _MOST:
            self._warned.add(line)
            self._warn(line)
