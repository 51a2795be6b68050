"""uvicorn's HTTP/1.1 on httptools, with limits for size and time.

Source of the rules on `Host` and `Transfer-Encoding`: RFC 9112, 3.2 and 6.1.
"""

import asyncio
import select
import sys
from math import inf
from typing import Final
from urllib.parse import unquote

from httptools import parse_url
from msgspec import Struct
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from .http_exchange import Exchange, OpenFlow

MAX_HEAD: Final = 64 * 1024  # bytes of request line and headers
SMALL_BODY: Final = 16 * 1024  # bytes; a body up to here is never refused for want of memory
MAX_UNFINISHED = 64 * 1024 * 1024  # bytes of all unfinished bodies of this process


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


class _Unfinished(Struct):
    """Counts unfinished heads, outside of the class: changing a class would slow Python down."""

    size: int = 0  # bytes of all bodies in this process that aren't whole yet


_UNFINISHED: Final = _Unfinished()
_EMPTY: Final = b"content-length: 0\r\nconnection: close\r\n"
_TIMEOUT: Final = b"HTTP/1.1 408 Request Timeout\r\n" + _EMPTY + b"\r\n"
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\n" + _EMPTY + b"\r\n"
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 30\r\n" + _EMPTY + b"\r\n"
# Node's words, which Better Auth's client hands on as `statusText`; Python 3.13 has RFC 9110's.
STATUS_LINE[413] = b"HTTP/1.1 413 Payload Too Large\r\n"
STATUS_LINE[422] = b"HTTP/1.1 422 Unprocessable Entity\r\n"


class HttpProtocol(HttpToolsProtocol):
    """Limits the size of a head and the time of a request; httptools and uvicorn do not.

    One timer checks what the client must still send, so that a request costs nothing. A connection
    that is cut off is `http.disconnect` for the application.
    """

    _head = 0  # bytes since the last complete head
    _piece = 0  # bytes of what came at last
    _uncounted = 0  # bytes of a piece that had something else before the head, at most
    _body = 0  # bytes of the unfinished body
    _timeouts: Timeouts
    _ending = False
    _owed: tuple[Exchange | None, float]
    _since: float  # on the loop's clock
    _watching: asyncio.TimerHandle
    cycle: Exchange

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = OpenFlow(transport)
        self._use_timeouts(SERVING)

    def connection_lost(self, exc: Exception | None) -> None:
        self._watching.cancel()
        self._release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._piece = len(data)
        self._head += self._piece
        super().data_received(data)
        if self._head > MAX_HEAD and not self.transport.is_closing():
            self._refuse(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        # The data after a head may be a body or the next requests: usually there is little.
        if self._head + self._uncounted > MAX_HEAD and (size := self._measure_head()) > MAX_HEAD:
            self._head = size
            raise ValueError("the head is too long")
        self._begin_to_count()
        version = self.parser.get_http_version()
        self._check_framing(version)
        self._describe_request(version)
        self.headers = []  # trailers are no headers of the request: a proxy has not seen them
        self._begin_exchange(keep_alive=version != "1.0" and self.parser.should_keep_alive())

    def _describe_request(self, version: str) -> None:
        """Completes the scope of ASGI."""
        url = parse_url(self.url)
        path = url.path.decode("ascii")
        self.scope["method"] = self.parser.get_method().decode("ascii")
        self.scope["http_version"] = version
        self.scope["path"] = unquote(path) if "%" in path else path
        self.scope["raw_path"] = url.path
        self.scope["query_string"] = url.query or b""

    def _begin_exchange(self, *, keep_alive: bool) -> None:
        """Runs the application, after the exchanges that are under way."""
        last = self._find_last_cycle()
        self.cycle = Exchange(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive and not self._ending,
            on_response=self.on_response_complete,
        )
        if last is None or last.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_response_complete(self) -> None:
        """Reads on. uvicorn would set a timer for each response; here one is for all of them."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def send_400_response(self, msg: str) -> None:
        """Answers 400, also after a complete head."""
        if self._head > MAX_HEAD:
            self._refuse(_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _begin_to_count(self) -> None:
        """Starts to count the size of the next head."""
        self._head, self._uncounted = 0, self._piece

    def _measure_head(self) -> int:
        """Returns the size of the head, as far as it was parsed."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def on_body(self, body: bytes) -> None:
        self._begin_to_count()
        super().on_body(body)
        if not self.cycle.response_complete and not self.transport.is_closing():
            self._hold(len(body))

    def on_message_complete(self) -> None:
        self._begin_to_count()  # the end of a chunked body is no part of the next head
        if self._body:
            self._release()
        super().on_message_complete()
        self.cycle.more_body = False  # uvicorn leaves it where the response was first

    def shutdown(self) -> None:
        """Lets running requests finish, unless they wait for the client."""
        self._ending = True
        if cycle := self._find_last_cycle():
            cycle.keep_alive = False
        self._watching.cancel()
        self._use_timeouts(ENDING)

    def _check_framing(self, version: str) -> None:
        """Checks Host and Transfer-Encoding. Raises ValueError, which uvicorn answers with 400."""
        names = [name for name, _ in self.headers]
        hosts = names.count(b"host")
        if hosts != 1 and (hosts or version != "1.0"):
            raise ValueError("one Host is needed")
        if b"transfer-encoding" in names:
            codings = [
                value.lower() for name, value in self.headers if name == b"transfer-encoding"
            ]
            if codings != [b"chunked"] or version == "1.0":
                raise ValueError("only chunked is known, and only since HTTP/1.1")

    def _hold(self, size: int) -> None:
        self._body += size
        _UNFINISHED.size += size
        if _UNFINISHED.size > MAX_UNFINISHED and self._body > SMALL_BODY:
            self._refuse(_BUSY)

    def _release(self) -> None:
        _UNFINISHED.size -= self._body
        self._body = 0

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
        cycle = self._find_last_cycle()
        if self.flow.write_paused or self.transport.is_closing():
            return cycle, self._timeouts.response
        # An answered body that still comes has one limit: its chunks would change between two.
        if cycle is None or (cycle.response_complete and (self._head or cycle.more_body)):
            return cycle, self._timeouts.head
        if cycle.response_complete:
            return cycle, self._timeouts.idle
        if cycle.more_body and not self.flow.read_paused:
            return cycle, self._timeouts.body
        return cycle, inf

    def _find_last_cycle(self) -> Exchange | None:
        return self.cycle  # uvicorn's type does not tell that there may be none yet

    def _give_up(self) -> None:
        if self.flow.write_paused or self.transport.is_closing():
            self.transport.abort()
        elif self._head or self._owed[1] == self._timeouts.body:
            self._refuse(_TIMEOUT)
        elif not _has_unread(self.transport.get_extra_info("socket").fileno()):
            self.transport.close()

    def _refuse(self, response: bytes) -> None:
        """Closes the connection, with this response unless another has begun."""
        cycle = self._find_last_cycle()
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(response)
        self.transport.close()


def _has_unread(descriptor: int) -> bool:
    """Whether something has come that the loop has not read yet. Closing would reset it."""
    found = False
    if sys.platform != "win32":  # it has no poll, and select takes few descriptors
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        found = bool(poll.poll(0))
    return found
