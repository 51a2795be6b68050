"""What an operator reads when somebody who has to be asked is away."""

import logging

from .errors import Unavailable

_log = logging.getLogger(__name__)


class Outage:
    """Says in the log once that `what` can't be asked, and once that it can again."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._lasts = False

    def say(self, reason: str) -> None:
        """It can't be asked; `reason` holds no credentials."""
        if not self._lasts:
            self._lasts = True
            _log.error("%s: %s", self._what, reason)

    def refusal(self, reason: str) -> Unavailable:
        """The same, and the error to raise."""
        self.say(reason)
        return Unavailable(reason)

    def end(self) -> None:
        """It was asked and answered."""
        if self._lasts:
            self._lasts = False
            _log.warning("%s: it answers again", self._what)
