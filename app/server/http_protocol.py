"""uvicorn's HTTP/1.1 on httptools, with limits for size and time.

Source of the rules on `Host` and `Transfer-Encoding`: RFC 9112, 3.2 and 6.1.
"""

import asyncio
from typing import Final, cast
from urllib.parse import unquote

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, parse_url
from msgspec import Struct
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from .http_exchange import Exchange
from .http_flow import Flow
from .http_timeouts import TimedProtocol

MAX_HEAD: Final = 64 * 1024  # bytes of request line and headers
MAX_FIELDS: Final = 500  # headers of a request: the shortest ones take 25 times their size
_SHORT_HEAD: Final = 4 * MAX_FIELDS  # bytes that cannot have more of them
# Bytes that are parsed at once: short requests that wait take 80 times their size.
PIECE: Final = 8 * 1024
SMALL_BODY: Final = 16 * 1024  # bytes; a body up to here is never refused for want of memory
MAX_UNFINISHED = 64 * 1024 * 1024  # bytes of all unfinished bodies of this process


class _Unfinished(Struct):
    """Counts what is unfinished outside of the class: changing a class would slow Python down."""

    size: int = 0  # bytes that came too early, and of bodies that aren't whole yet


_UNFINISHED: Final = _Unfinished()
_BLANKS: Final = b" \t"
_EMPTY: Final = b"content-length: 0\r\nconnection: close\r\n\r\n"
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\n" + _EMPTY
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 30\r\n" + _EMPTY
_MALFORMED: Final = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 30\r\nconnection: close\r\n\r\nInvalid HTTP request received."
)
# Node's words, which Better Auth's client hands on as `statusText`; Python 3.13 has RFC 9110's.
STATUS_LINE[413] = b"HTTP/1.1 413 Payload Too Large\r\n"
STATUS_LINE[422] = b"HTTP/1.1 422 Unprocessable Entity\r\n"


class HttpProtocol(TimedProtocol):
    """Limits what one connection holds, and answers in the order of the requests.

    A connection that is cut off is `http.disconnect` for the application.
    """

    flow: Flow
    _head = 0  # bytes since the last complete head
    _piece = 0  # bytes of what came at last
    _uncounted = 0  # bytes of a piece that had something else before the head, at most
    _body = 0  # bytes of the unfinished body
    _held = 0  # bytes of it, and of what came too early
    _ending = False
    _last_word = b""  # the refusal that follows the response under way
    _running: Exchange | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = Flow(transport, self.pipeline, self._parse_kept)

    def connection_lost(self, exc: Exception | None) -> None:
        self.flow.end()
        self._release(self._held)
        self.pipeline.clear()
        super().connection_lost(exc)
        if self._running is not None:
            self._running.leave()  # uvicorn tells the last request only

    def data_received(self, data: bytes) -> None:
        if len(data) <= PIECE:
            self._parse(data)
        else:
            self._parse_in_pieces(data)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Returns whether the client, which sends nothing more, still gets a response."""
        cycle = self.find_last_cycle()
        if self.is_amid_request():
            self.refuse(_MALFORMED)
        elif cycle is not None:
            cycle.keep_alive = False
        return cycle is not None and not cycle.response_complete

    def _parse_in_pieces(self, data: bytes) -> None:
        """Stops where a request must wait: what is left is parsed when its turn has come."""
        for start in range(0, len(data), PIECE):
            if self.flow.read_paused:
                self.flow.keep(data[start:])
                if not self._hold(len(data) - start):
                    self.refuse(_BUSY)
                return
            self._parse(data[start : start + PIECE])

    def _parse_kept(self, data: bytes) -> None:
        self._release(len(data))
        self._parse_in_pieces(data)

    def _parse(self, data: bytes) -> None:
        self._piece = len(data)
        self._head += self._piece
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            plain = self._write_plain_head() + data[upgrade.args[0] :]
            self._renew_parser()
            self._parse(plain)
        except HttpParserError:
            self.refuse(_TOO_LARGE if self._head > MAX_HEAD else _MALFORMED)
        if self._head > _SHORT_HEAD and (self._head > MAX_HEAD or self._has_many_fields()):
            self.refuse(_TOO_LARGE)

    def _write_plain_head(self) -> bytes:
        """Returns the last head without `Upgrade`, which RFC 9110, 7.8 lets a server ignore.

        httptools takes what follows an upgrade for another protocol, and so a body for a request.
        """
        line = b"%b %b HTTP/%b" % (
            self.parser.get_method(),
            self.url,
            self.parser.get_http_version().encode(),
        )
        fields = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join((line, *fields, b"", b""))

    def _renew_parser(self) -> None:
        """Forgets the last head: after `Connection: close` a parser reads over all that follows."""
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value.strip(_BLANKS)))

    def on_headers_complete(self) -> None:
        # The data after a head may be a body or the next requests: usually there is little.
        if self._head + self._uncounted > _SHORT_HEAD:
            self._check_size()
        self._begin_to_count()
        if self.parser.should_upgrade():
            self._check_method()
            return
        version = self.parser.get_http_version()
        expects = self._check_head(version)
        self._describe_request(version)
        self.headers = []  # trailers are no headers of the request: a proxy has not seen them
        self._begin_exchange(
            keep_alive=version != "1.0" and self.parser.should_keep_alive(), expects=expects
        )

    def _describe_request(self, version: str) -> None:
        """Completes the scope of ASGI."""
        url = parse_url(self.url)
        raw_path = url.path or b"/"  # an absolute address may have none
        path = raw_path.decode("ascii")
        self.scope["method"] = self.parser.get_method().decode("ascii")
        self.scope["http_version"] = version
        self.scope["path"] = unquote(path) if "%" in path else path
        self.scope["raw_path"] = raw_path
        self.scope["query_string"] = url.query or b""

    def _begin_exchange(self, *, keep_alive: bool, expects: bool) -> None:
        """Runs the application, after the exchanges that are under way."""
        last = self.find_last_cycle()
        self.cycle = Exchange(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=expects,
            keep_alive=keep_alive and not self._ending,
            on_response=self.on_response_complete,
        )
        if last is None or last.response_complete:
            self._running = self.cycle
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_response_complete(self) -> None:
        """Reads on. uvicorn would set a timer for each response; here one is for all of them."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._running = cast("Exchange", cycle)
            self._start_asgi_task(cycle, app)
        elif self._last_word:
            self.transport.write(self._last_word)
            self.transport.close()
        else:
            self.flow.resume_reading()

    def _begin_to_count(self) -> None:
        """Starts to count the size of the next head."""
        self._head, self._uncounted = 0, self._piece

    def _has_many_fields(self) -> bool:
        return bool(self.headers) and len(self.headers) > MAX_FIELDS

    def _check_size(self) -> None:
        """Refuses a complete head that is too large. Raises ValueError then."""
        is_long = self._head + self._uncounted > MAX_HEAD and self._measure_head() > MAX_HEAD
        if is_long or self._has_many_fields():
            self.refuse(_TOO_LARGE)
            raise ValueError("nothing of what follows is a request")

    def _measure_head(self) -> int:
        """Returns the size of the head, as far as it was parsed."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def on_body(self, body: bytes) -> None:
        self._begin_to_count()
        super().on_body(body)
        if not self.cycle.response_complete and not self.transport.is_closing():
            self._body += len(body)
            if not self._hold(len(body)):
                self.refuse(_BUSY)
                raise ValueError("nothing of what follows is a request")

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        if self.headers and b"connection" in dict(self.headers):  # of the trailer
            raise ValueError("after close, the parser would read over the next request")
        self._begin_to_count()  # the end of a chunked body is no part of the next head
        if self._body:
            self._release(self._body)
            self._body = 0
        self.cycle.more_body = False  # uvicorn leaves it where the response was first
        self.cycle.message_event.set()

    def shutdown(self) -> None:
        self._ending = True
        super().shutdown()

    def _check_method(self) -> None:
        if self.parser.get_method() == b"CONNECT":
            raise ValueError("this is no proxy")

    def _check_head(self, version: str) -> bool:
        """Checks Host and Transfer-Encoding. Returns whether the client waits to send a body.

        Raises ValueError, which is answered with 400.
        """
        names = [name for name, _ in self.headers]
        hosts = names.count(b"host")
        if hosts != 1 and (hosts or version != "1.0"):
            raise ValueError("one Host is needed")
        if b"transfer-encoding" in names:
            codings = [
                value.lower() for name, value in self.headers if name == b"transfer-encoding"
            ]
            if codings != [b"chunked"] or version != "1.1":
                raise ValueError("only chunked is known, and only in HTTP/1.1")
        if b"expect" not in names or version != "1.1":
            return False
        return (b"expect", b"100-continue") in [(n, v.lower()) for n, v in self.headers]

    def _hold(self, size: int) -> bool:
        """Counts what must be held. Returns whether there is room."""
        self._held += size
        _UNFINISHED.size += size
        return _UNFINISHED.size <= MAX_UNFINISHED or self._held <= SMALL_BODY

    def _release(self, size: int) -> None:
        self._held -= size
        _UNFINISHED.size -= size

    def refuse(self, response: bytes) -> None:
        """Closes the connection with this response, after those of earlier requests.

        Where a response to the faulty request has begun, that is all it gets.
        """
        if self.flow.has_ended or self.transport.is_closing():
            return
        self.flow.end()
        cycle = self.find_last_cycle()
        is_in_body = cycle is not None and cycle.more_body
        if self.pipeline and is_in_body:
            self.pipeline.popleft()
            self._last_word = response
        elif self.pipeline or not (cycle is None or cycle.response_complete or is_in_body):
            self._last_word = response
        else:
            if cycle is None or not (is_in_body and cycle.response_started):
                self.transport.write(response)
            self.transport.close()
