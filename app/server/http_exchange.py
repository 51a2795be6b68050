"""One request and its response under uvicorn: head and body leave in one write.

ASGI requires servers to wait for the body. Two writes cost two system calls and two packets.
Source of the rules on how a body ends: RFC 9110, 8.6 and 10.1.1; RFC 9112, 6.1 and 6.3.
"""

from collections.abc import Iterable
from typing import Final

from uvicorn._types import ASGISendEvent, HTTPResponseBodyEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_FRAMING: Final = frozenset((b"content-length", b"transfer-encoding", b"connection"))
_NO_CONTENT: Final = 204
_BODILESS: Final = (_NO_CONTENT, 304)
_CONTROLS: Final = bytes(byte for byte in (*range(0x20), 0x7F) if byte != ord("\t"))
_LINE_END: Final = b"\r\n"


class Exchange(RequestResponseCycle):
    """Keeps the head of the response until its body comes. Only then has the response begun."""

    _head = b""
    _left: int | None = None  # bytes of the body that must still come, where the head tells
    _drops_body = False

    async def send(self, message: ASGISendEvent) -> None:
        """Sends a part of the response. Raises RuntimeError for one that HTTP does not allow."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.transport.is_closing():
            self.disconnected = True  # uvicorn tells it later, and only the last request
        if self.disconnected:
            return
        if message["type"] == "http.response.body" and self._is_amid_response():
            self._send_piece(message)
        elif message["type"] == "http.response.start" and not (self._head or self.response_started):
            self._head = self._begin(message)
        else:
            raise RuntimeError(f"{message['type']} is out of order")

    async def send_500_response(self) -> None:
        """Answers 500, also where a head has been made and has not left.

        Where a connection that was used before closes without a word, a client may send its request
        again.
        """
        self._head, self._left, self.chunked_encoding, self._drops_body = b"", None, None, False
        await super().send_500_response()

    def leave(self) -> None:
        """Tells the application that the client has left."""
        if not self.response_complete:
            self.disconnected = True
            self.message_event.set()

    def _is_amid_response(self) -> bool:
        return bool(self._head) or (self.response_started and not self.response_complete)

    def _send_piece(self, message: HTTPResponseBodyEvent) -> None:
        """Sends a piece of the body, the first one with the head."""
        more = message.get("more_body", False)
        piece = self._head + self._wrap(message.get("body", b""), more=more)
        self._head, self.response_started = b"", True
        if piece:
            self.transport.write(piece)
        if not more:
            self._complete()

    def _wrap(self, body: bytes, *, more: bool) -> bytes:
        """Returns what leaves for this piece."""
        if self._drops_body:
            return b""
        if self.chunked_encoding:
            end = b"" if more else b"0\r\n\r\n"
            return b"%x\r\n%b\r\n%b" % (len(body), body, end) if body else end
        if self._left is not None:
            self._left -= len(body)
            if self._left < 0 or (self._left and not more):
                raise RuntimeError("the body is not as long as its Content-Length")
        return body

    def _begin(self, start: HTTPResponseStartEvent) -> bytes:
        """Returns the head."""
        if self.waiting_for_100_continue:
            self._skip_body()
        status = start["status"]
        lines = self._list_lines([*self.default_headers, *start.get("headers", ())])
        if status in _BODILESS or self.scope["method"] == "HEAD":
            self._drops_body = True
            if status == _NO_CONTENT:
                lines = [line for line in lines if not line.startswith(b"content-length:")]
        elif self._left is None:
            self._choose_end(lines)
        if not self.keep_alive:
            lines.append(b"connection: close")
        lines += (b"", b"")
        head = _LINE_END.join(lines)
        # One look at all of them, instead of two at each, which took a tenth of a short request.
        if len(head.translate(None, _CONTROLS)) != len(head) - 2 * (len(lines) - 1):
            raise RuntimeError("a response header contains a control character")
        return STATUS_LINE[status] + head

    def _skip_body(self) -> None:
        """Closes after the response: a client that still waits may send its body or not."""
        self.waiting_for_100_continue = False
        if self.more_body:
            self.keep_alive = False

    def _choose_end(self, lines: list[bytes]) -> None:
        """Chooses how a body of unknown length ends: HTTP/1.0 knows no chunks."""
        if self.scope["http_version"] == "1.1":
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked")
        else:
            self.keep_alive = False

    def _list_lines(self, headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        lines = []
        for sent, value in headers:
            name = sent.lower()  # a length that is overlooked would leave next to chunks
            if name in _FRAMING and not self._note_framing(name, value):
                continue
            lines.append(name + b": " + value)
        return lines

    def _note_framing(self, name: bytes, value: bytes) -> bool:
        """Notes what the application says of length and connection. Returns whether it is sent.

        ASGI leaves `Transfer-Encoding` to the server.
        """
        if name == b"content-length" and self._left is None:
            self._left = int(value)
            return True
        if name == b"connection" and b"close" in [
            each.strip() for each in value.lower().split(b",")
        ]:
            self.keep_alive = False
        return False

    def _complete(self) -> None:
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
