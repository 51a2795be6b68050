"""Tells the operator which origin was refused, and how to trust it."""

from collections.abc import Callable

_MOST = 100  # origins that are told; what follows is an attack, not a setting that was forgotten
_SHOWN = 100  # characters


class OriginNotice:
    """Calls `tell` with one line for each origin, the first time that it is refused."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told: set[str] = set()

    def refused(self, origin: str) -> None:
        """An origin, as a request named it, was not trusted."""
        shown = ascii(origin[:_SHOWN])
        if origin == "null" or shown in self._told or len(self._told) >= _MOST:
            return
        self._told.add(shown)
        self._tell(
            f"{shown} is not a trusted origin, so its pages can't sign anybody in; if it is yours,"
            " add it to BETTER_AUTH_TRUSTED_ORIGINS"
        )
