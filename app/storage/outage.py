"""Logs an outage of a store once, not for each request."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Literal

from ..models.errors import StoreUnavailable
from ..models.telemetry.log_events import log_event
from ..models.telemetry.metrics import STORE_ERRORS, STORES_DOWN, StoreName
from .unreachable import get_driver_message

QUIET: Final = 5.0  # seconds without a fault, after which a success is the end
StoreText = Literal["Redis", "database, reading", "database, searching", "database, writing"]
_NAMES: Final[Mapping[StoreText, StoreName]] = {
    "Redis": "redis",
    "database, reading": "database_reading",
    "database, searching": "database_searching",
    "database, writing": "database_writing",
}
_SHOWN: Final = 200  # characters of a reason
_log = logging.getLogger("better_auth.store")
_log.addHandler(logging.NullHandler())  # a command says in its own words why it ends


class Outage:
    """Logs one line when an outage begins and one when it ends. `clock` returns seconds.

    If some requests fail and others do not, it lasts until none failed for `QUIET` seconds.
    """

    def __init__(self, store: StoreText, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.is_on = False
        self._store = store
        self._metric = _NAMES[store]
        self._clock = clock
        self._began = 0.0
        self._last = 0.0
        self._failures = 0

    def note(self, fault: BaseException) -> None:
        """Notes a failure."""
        self._last = self._clock()
        self._failures += 1
        STORE_ERRORS.count(self._metric)
        if not self.is_on:
            self.is_on, self._began, self._failures = True, self._last, 1
            STORES_DOWN.change(self._metric, by=1)
            log_event(
                _log,
                "store cannot be used",
                logging.ERROR,
                store=self._store,
                reason=describe_outage(fault),
            )

    @contextmanager
    def watch(self, find_fault: Callable[[Exception], BaseException | None]) -> Iterator[None]:
        """Notes how the block ends. Raises `StoreUnavailable` where `find_fault` finds one."""
        try:
            yield
        except Exception as error:
            fault = find_fault(error)
            if fault is None:
                raise
            self.note(fault)
            raise StoreUnavailable from fault
        self.end_if_quiet()

    def end_if_quiet(self) -> None:
        """Notes a success."""
        if not self.is_on or self._clock() - self._last < QUIET:
            return
        self.is_on = False
        STORES_DOWN.change(self._metric, by=-1)
        log_event(
            _log,
            "store can be used again",
            logging.WARNING,
            store=self._store,
            seconds=round(self._clock() - self._began),
            failures=self._failures,
        )


def describe_outage(fault: BaseException) -> str:
    """Returns the first line of the driver's message. Later lines may contain values."""
    # A key of Redis may be a token.
    return get_driver_message(fault).partition(", with args beginning with")[0][:_SHOWN]
