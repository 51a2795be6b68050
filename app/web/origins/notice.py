"""Logs which origin was refused, and how to trust it."""

from collections.abc import Callable

_MOST = 100  # lines; what follows is an attack, not a setting that was forgotten
_SHOWN = 100  # characters


class OriginNotice:
    """Calls `tell` once for each refused origin, and once for a missing one."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told: set[str] = set()

    def refused(self, origin: str) -> None:
        """Reports an origin that is not trusted."""
        if origin == "null":
            return
        shown = ascii(origin[:_SHOWN])
        self._tell_once(
            f"{shown} is not a trusted origin, so its pages cannot sign users in; if it is yours,"
            " add it to BETTER_AUTH_TRUSTED_ORIGINS"
        )

    def unnamed(self) -> None:
        """Reports a request that was refused without an origin, or with `null`."""
        self._tell_once(
            "a request without an Origin, or with Origin: null, was refused; if your script or"
            " server action sent it, send a trusted Origin: that of"
            " BETTER_AUTH_URL, or one of BETTER_AUTH_TRUSTED_ORIGINS"
        )

    def _tell_once(self, line: str) -> None:
        if line not in self._told and len(self._told) < _MOST:
            self._told.add(line)
            self._tell(line)
