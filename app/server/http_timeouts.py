"""How long a connection waits for its client."""

import asyncio
import select
import sys
from math import inf
from typing import Final

from msgspec import Struct
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .http_exchange import Exchange

_TIMEOUT: Final = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Timeouts(Struct, frozen=True, kw_only=True):
    """How many seconds a client has for each step, and the interval of the check."""

    tick: float
    # From the start of the connection, or the first byte of a head, to its end. From a response
    # to the end of a body that is not read.
    head: float
    idle: float  # from the last response to the next head
    body: float  # from the end of the head to the end of the body
    response: float  # for taking an response that fills the buffers


# 1 MiB in 30 seconds is 280 kbit/s: what a phone sends on 3G.
SERVING = Timeouts(tick=1, head=10, idle=5, body=30, response=30)
# An idle connection lives on for the request that crosses the signal on its way.
ENDING = Timeouts(tick=0.05, head=0.2, idle=0.2, body=2, response=2)


class TimedProtocol(HttpToolsProtocol):
    """Closes connections whose clients take too long.

    One timer checks what the client must still send, so that a request costs nothing.
    """

    cycle: Exchange
    _timeouts: Timeouts
    _owed: tuple[Exchange | None, float]
    _since: float  # on the loop's clock
    _watching: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._use_timeouts(SERVING)

    def connection_lost(self, exc: Exception | None) -> None:
        self._watching.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Lets running requests finish, unless they wait for the client."""
        if cycle := self.find_last_cycle():
            cycle.keep_alive = False
        self._watching.cancel()
        self._use_timeouts(ENDING)

    def find_last_cycle(self) -> Exchange | None:
        """Returns the last request whose head is complete."""
        return self.cycle  # uvicorn's type does not tell that there may be none yet

    def is_amid_request(self) -> bool:
        """Whether a request has begun and is not complete."""
        cycle = self.find_last_cycle()
        return self._is_amid_head() or (cycle is not None and cycle.more_body)

    def _is_amid_head(self) -> bool:
        """Whether a head has begun and is not complete. Empty lines before it do not count."""
        cycle = self.find_last_cycle()
        return self.scope is not (None if cycle is None else cycle.scope)

    def refuse(self, response: bytes) -> None:
        """Closes the connection with this response, after those of earlier requests."""
        raise NotImplementedError

    def _use_timeouts(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._owed, self._since = self._find_owed(), self.loop.time()
        self._watching = self.loop.call_later(timeouts.tick, self._watch)

    def _watch(self) -> None:
        owed, now = self._find_owed(), self.loop.time()
        if owed != self._owed:
            self._owed, self._since = owed, now
        elif now - self._since >= owed[1]:
            self._give_up()
        self._watching = self.loop.call_later(self._timeouts.tick, self._watch)

    def _find_owed(self) -> tuple[Exchange | None, float]:
        """Returns the last request, and how many seconds the client has for the next step."""
        cycle = self.find_last_cycle()
        if self.flow.write_paused or self.transport.is_closing():
            return cycle, self._timeouts.response
        # An answered body that still comes has one limit: its chunks would change between two.
        if cycle is None or (cycle.response_complete and self.is_amid_request()):
            return cycle, self._timeouts.head
        if cycle.response_complete:
            return cycle, self._timeouts.idle
        if cycle.more_body and not self.flow.read_paused:
            return cycle, self._timeouts.body
        return cycle, inf

    def _give_up(self) -> None:
        if self.flow.write_paused or self.transport.is_closing():
            self.transport.abort()
        elif self.is_amid_request():
            self.refuse(_TIMEOUT)
        elif not _has_unread(self.transport.get_extra_info("socket").fileno()):
            self.transport.close()


def _has_unread(descriptor: int) -> bool:
    """Whether something has come that the loop has not read yet. Closing would reset it."""
    found = False
    if sys.platform != "win32":  # it has no poll, and select takes few descriptors
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        found = bool(poll.poll(0))
    return found
