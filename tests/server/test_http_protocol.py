"""A connection, without sockets."""

import asyncio
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from app.server import http_protocol
from app.server.http_protocol import SMALL_BODY, HttpProtocol
from app.web.http.asgi import App, Receive, Scope, Send, respond
from tests.server.test_http_exchange import Transport
from tests.support.served import GET, LAST

pytestmark = pytest.mark.anyio

TINY = GET % (b"/", b"")


@contextmanager
def connected(app: App) -> Iterator[tuple[HttpProtocol, Transport]]:
    config = Config(app, interface="asgi3", lifespan="off", ws="none", log_config=None)
    transport = Transport()
    protocol = HttpProtocol(config, ServerState(), {})
    protocol.connection_made(cast("asyncio.Transport", transport))
    try:
        yield protocol, transport
    finally:
        protocol.connection_lost(None)


async def test_requests_that_wait_take_little_memory() -> None:
    may_answer = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await may_answer.wait()
        await respond(send, 200, [], b"ok")

    pipelined = TINY * 9000 + GET % (b"/", LAST)
    with connected(app) as (protocol, transport):
        tracemalloc.start()
        protocol.data_received(pipelined)
        taken = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        may_answer.set()
        await transport.closed.wait()
    assert taken < 1024 * 1024
    assert b"".join(transport.written).count(b"HTTP/1.1 200 OK\r\n") == 9001


async def test_requests_that_wait_are_refused_where_memory_is_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await respond(send, 200, [], b"ok")

    monkeypatch.setattr(http_protocol, "MAX_UNFINISHED", 2 * SMALL_BODY)
    with connected(app) as (protocol, transport):
        protocol.data_received(TINY * 3000)
        await transport.closed.wait()
    answers = b"".join(transport.written)
    assert answers.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 503 " in answers.rpartition(b"ok")[2]


async def test_application_learns_that_a_client_has_left_also_when_another_request_waits() -> None:
    seen: list[str] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        while "http.disconnect" not in seen:
            seen.append((await receive())["type"])

    with connected(app) as (protocol, _):
        protocol.data_received(TINY * 2)
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert seen == ["http.request", "http.disconnect"]


async def test_application_that_waits_for_its_client_does_not_let_more_requests_in() -> None:
    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    with connected(app) as (protocol, transport):
        protocol.data_received(TINY * 2)
        await asyncio.sleep(0)
        assert not transport.is_reading()
