"""How a response leaves, without sockets."""

import asyncio
import logging
from collections.abc import Sequence

import pytest
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

from app.server.http_exchange import Exchange
from app.server.http_flow import Flow

pytestmark = pytest.mark.anyio

HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"2")]


class Transport(asyncio.Transport):
    """Notes each write."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = asyncio.Event()
        self.is_paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed.is_set()

    def close(self) -> None:
        self.closed.set()

    def is_reading(self) -> bool:
        return not self.is_paused

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False


def begin(
    transport: Transport, method: str = "GET", version: str = "1.1", *, keep_alive: bool = True
) -> Exchange:
    log = logging.getLogger("test")
    return Exchange(
        scope={"method": method, "http_version": version},  # type: ignore[typeddict-item]  # all that is read of it
        transport=transport,
        flow=Flow(transport, (), lambda _: None),
        logger=log,
        access_logger=log,
        access_log=False,
        default_headers=[],
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=keep_alive,
        on_response=lambda: None,
    )


async def send(
    exchange: Exchange, headers: Sequence[tuple[bytes, bytes]], *pieces: bytes, status: int = 200
) -> None:
    await exchange.send({"type": "http.response.start", "status": status, "headers": headers})
    for number, piece in enumerate(pieces, 1):
        more = number < len(pieces)
        await exchange.send({"type": "http.response.body", "body": piece, "more_body": more})


async def test_head_and_body_are_one_write() -> None:
    transport = Transport()
    await send(begin(transport), HEADERS, b"ok")
    assert transport.written == [
        b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"
    ]


async def test_body_in_pieces_is_chunked_where_no_length_is_announced() -> None:
    transport = Transport()
    await send(begin(transport), [], b"ab", b"")
    assert b"".join(transport.written) == (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    )


async def test_body_of_head_is_not_sent() -> None:
    transport = Transport()
    await send(begin(transport, "HEAD"), HEADERS, b"ok")
    assert b"".join(transport.written).endswith(b"content-length: 2\r\n\r\n")


async def test_body_of_unknown_length_ends_with_the_connection_under_http_1_0() -> None:
    transport = Transport()
    await send(begin(transport, version="1.0"), [], b"ab", b"cd", b"")
    assert b"".join(transport.written) == b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabcd"
    assert transport.is_closing()


async def test_transfer_encoding_is_the_servers() -> None:
    """ASGI says so. Next to a length it would hide a second response in the first."""
    transport = Transport()
    await send(begin(transport), [*HEADERS, (b"transfer-encoding", b"chunked")], b"ok")
    assert transport.written[0].endswith(b"content-length: 2\r\n\r\nok")
    assert b"chunked" not in transport.written[0]


@pytest.mark.parametrize(("method", "status"), [("GET", 304), ("HEAD", 304), ("HEAD", 200)])
@pytest.mark.parametrize("pieces", [[b""], [b"ok"], [b"o", b"k"]])
async def test_length_without_a_body_is_that_of_another_response(
    method: str, status: int, pieces: list[bytes]
) -> None:
    """RFC 9110, 8.6: it is what GET would be answered with 200."""
    transport = Transport()
    exchange = begin(transport, method)
    await send(exchange, HEADERS, *pieces, status=status)
    assert b"".join(transport.written).endswith(b"content-length: 2\r\n\r\n")
    assert exchange.response_complete
    assert not transport.is_closing()


@pytest.mark.parametrize("headers", [[], HEADERS[1:]])
@pytest.mark.parametrize("body", [b"", b"ok"])
async def test_no_content_has_neither_length_nor_chunks(
    headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    transport = Transport()
    await send(begin(transport), headers, body, status=204)
    assert transport.written == [b"HTTP/1.1 204 No Content\r\n\r\n"]


@pytest.mark.parametrize("keep_alive", [True, False])
async def test_connection_closes_when_the_head_says_so(keep_alive: bool) -> None:
    transport = Transport()
    closing = [(b"connection", b"Close")] if keep_alive else []
    await send(begin(transport, keep_alive=keep_alive), [*HEADERS, *closing], b"ok")
    assert transport.is_closing()
    assert transport.written[0].count(b"connection: close\r\n") == 1


@pytest.mark.parametrize("body", [b"o", b"okay"])
async def test_body_of_another_length_than_announced_is_an_error(body: bytes) -> None:
    with pytest.raises(RuntimeError, match="Content-Length"):
        await send(begin(Transport()), HEADERS, body)


@pytest.mark.parametrize("control", ["\r\nset-cookie: a=b", "\n", "\r", "\0", "\x0b", "\x7f"])
@pytest.mark.parametrize("place", ["name", "value"])
async def test_control_character_in_a_header_is_an_error(control: str, place: str) -> None:
    transport, bad = Transport(), f"x{control}".encode()
    header = (bad, b"value") if place == "name" else (b"name", bad)
    with pytest.raises(RuntimeError, match="control character"):
        await send(begin(transport), [header], b"")
    assert transport.written == []


@pytest.mark.parametrize("control", ["", "\n"])
async def test_application_that_fails_before_its_body_is_answered_500(control: str) -> None:
    """A client that gets nothing sends its request again."""
    transport = Transport()

    async def fail(_scope: Scope, _receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        headers = [*HEADERS, (b"x-bad", control.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        raise LookupError

    await begin(transport).run_asgi(fail)
    head, _, body = transport.written[0].partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500 ")
    assert (len(transport.written), body) == (1, b"Internal Server Error")
    assert b"content-length: 21\r\n" in head
    assert transport.is_closing()


async def test_application_that_fails_between_pieces_is_cut_off() -> None:
    transport = Transport()

    async def fail(_scope: Scope, _receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ab", "more_body": True})
        raise LookupError

    await begin(transport).run_asgi(fail)
    assert b"".join(transport.written).endswith(b"\r\n\r\n2\r\nab\r\n")
    assert transport.is_closing()


async def test_second_head_is_an_error() -> None:
    exchange = begin(Transport())
    await send(exchange, HEADERS)
    with pytest.raises(RuntimeError, match="out of order"):
        await send(exchange, HEADERS)


async def test_length_in_capitals_is_the_length() -> None:
    transport = Transport()
    await send(begin(transport), [(b"Content-Length", b"2")], b"ok")
    assert transport.written == [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"]


async def test_nothing_is_written_after_a_disconnect() -> None:
    transport = Transport()
    exchange = begin(transport)
    transport.close()
    await send(exchange, HEADERS, b"ok")
    assert transport.written == []
