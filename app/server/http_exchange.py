"""One request and its response under uvicorn: head and body leave in one write.

ASGI requires servers to wait for the body. Two writes cost two system calls and two packets.
"""

from collections.abc import Iterable
from typing import Final

from uvicorn._types import ASGISendEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_FRAMING: Final = frozenset((b"content-length", b"transfer-encoding", b"connection"))
_BODILESS: Final = (204, 304)
_CONTROLS: Final = bytes(byte for byte in (*range(0x20), 0x7F) if byte != ord("\t"))
_LINE_END: Final = b"\r\n"


class Exchange(RequestResponseCycle):
    """Keeps the head of the response until its body comes. Only then has the response begun."""

    _head = b""

    async def send(self, message: ASGISendEvent) -> None:
        """Sends a part of the response. Raises RuntimeError for one that HTTP does not allow."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.transport.is_closing():
            # uvicorn tells the last request that the client has left, not the one that it answers.
            self.disconnected = True
        if self.disconnected:
            return
        if self._head:
            await self._send_first(message)
        elif message["type"] == "http.response.start" and not self.response_started:
            self._head = self._begin(message)
        else:
            await super().send(message)

    async def _send_first(self, message: ASGISendEvent) -> None:
        """Sends the head with the first piece of the body."""
        if message["type"] != "http.response.body":
            raise RuntimeError(f"a body must follow the head of a response, not {message['type']}")
        head, self._head, self.response_started = self._head, b"", True
        body = message.get("body", b"")
        if not message.get("more_body", False) and self._is_whole(body):
            self.transport.write(head + body)
            self._complete()
        else:
            self.transport.write(head)
            await super().send(message)

    async def send_500_response(self) -> None:
        """Answers 500, also where a head has been made and has not left.

        Where a connection that was used before closes without a word, a client may send its request
        again.
        """
        self._head, self.chunked_encoding = b"", None
        await super().send_500_response()

    def _begin(self, start: HTTPResponseStartEvent) -> bytes:
        """Returns the head."""
        self.waiting_for_100_continue = False
        status = start["status"]
        lines = self._list_lines([*self.default_headers, *start.get("headers", ())])
        if not self.keep_alive:
            lines.append(b"connection: close")
        if self.chunked_encoding is None and not self._has_no_body(status):
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked")
        lines += (b"", b"")
        head = _LINE_END.join(lines)
        # One look at all of them, instead of two at each, which took a tenth of a short request.
        if len(head.translate(None, _CONTROLS)) != len(head) - 2 * (len(lines) - 1):
            raise RuntimeError("a response header contains a control character")
        return STATUS_LINE[status] + head

    def _list_lines(self, headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        lines = []
        for sent, value in headers:
            name = sent.lower()  # a length that is overlooked would leave next to chunks
            if name in _FRAMING and not self._note_framing(name, value):
                continue
            lines.append(name + b": " + value)
        return lines

    def _note_framing(self, name: bytes, value: bytes) -> bool:
        """Notes how the body ends. Returns whether the header is sent as it is."""
        if name == b"content-length" and self.chunked_encoding is None:
            self.expected_content_length = int(value)
            self.chunked_encoding = False
        elif name == b"transfer-encoding" and value.lower() == b"chunked":
            self.expected_content_length = 0
            self.chunked_encoding = True
        elif name == b"connection":
            closes = b"close" in [each.strip() for each in value.lower().split(b",")]
            self.keep_alive = self.keep_alive and not closes
            return not closes
        return True

    def _has_no_body(self, status: int) -> bool:
        return status in _BODILESS or self.scope["method"] == "HEAD"

    def _is_whole(self, body: bytes) -> bool:
        """Whether this is all that the head announced."""
        return (
            not self.chunked_encoding
            and len(body) == self.expected_content_length
            and self.scope["method"] != "HEAD"
        )

    def _complete(self) -> None:
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


class OpenFlow(FlowControl):
    """Does not ask a transport that is closing to read on: uvloop raises an error."""

    def resume_reading(self) -> None:
        if not self._transport.is_closing():
            super().resume_reading()
