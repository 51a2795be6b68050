"""Logs an outage of keys, database or service."""

import logging

from .errors import Unavailable

_log = logging.getLogger(__name__)


class OutageLog:
    """Logs once that `what` is down, and once that it is back."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._lasts = False

    def report(self, reason: str) -> None:
        """Logs the outage. `reason` must not contain credentials."""
        if not self._lasts:
            self._lasts = True
            _log.error("%s: %s", self._what, reason)

    def refuse(self, reason: str) -> Unavailable:
        """Logs the outage and returns the error to raise."""
        self.report(reason)
        return Unavailable(reason)

    def end(self) -> None:
        """Notes a success."""
        if self._lasts:
            self._lasts = False
            _log.warning("%s: it answers again", self._what)
