"""The types of ASGI, and a simple response."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from http import HTTPStatus
from typing import Any

Message = MutableMapping[str, Any]  # as the ASGI specification types them
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

RawHeaders = list[tuple[bytes, bytes]]
Header = tuple[str, str]


async def respond(send: Send, status: int, headers: RawHeaders, body: bytes = b"") -> None:
    """Sends a complete response."""
    # RFC 9110, 8.6: a 204 must not tell a length.
    has_length = status != HTTPStatus.NO_CONTENT
    length = [(b"content-length", str(len(body)).encode())] if has_length else []
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})


def encode_headers(headers: Sequence[Header]) -> RawHeaders:
    """Headers as ASGI wants them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
