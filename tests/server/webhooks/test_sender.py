"""One attempt: where it goes, what it reads, how long it takes, and what it says came of it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpcore
import pytest

from app.auth.webhooks.queue import QueuedEvent
from app.models.clock import now, to_iso
from app.server.webhooks import connections, sender
from app.server.webhooks.sender import MOST_READ, SendAttempt, WebhookSender
from app.server.webhooks.signatures import WebhookSigner
from tests.support.smtp import self_made_certificate
from tests.support.webhooks import SECRET, Receiver, Reply, receiving

pytestmark = pytest.mark.anyio

EVENT = QueuedEvent(
    1,
    "msg_1",
    "ada",
    "user.created",
    '{"type":"user.created","timestamp":"2026-03-01T09:00:00.000Z","data":{}}',
    to_iso(now()),
    to_iso(now()),
    0,
)
HOOKS = "hooks.example"


@asynccontextmanager
async def sending(url: str, *, allow_private: bool = True) -> AsyncIterator[WebhookSender]:
    made = WebhookSender(url, WebhookSigner([SECRET]), allow_private=allow_private, connections=2)
    try:
        yield made
    finally:
        await made.close()


async def send(url: str, *, allow_private: bool = True) -> SendAttempt:
    async with sending(url, allow_private=allow_private) as made:
        return await made.send(EVENT)


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """What the name server says of a name: one list of addresses after the other."""
    found: dict[str, list[list[str]]] = {}

    async def resolve(host: str, port: int) -> list[str]:
        return found[host].pop(0) if host in found else [host]

    monkeypatch.setattr(connections, "resolve_host", resolve)
    return found


async def test_event_is_posted_with_headers_of_standard_webhooks(receiver: Receiver) -> None:
    assert await send(receiver.url) == SendAttempt()
    (received,) = receiver.received
    assert received.event["type"] == "user.created"
    assert (received.path, received.id) == ("/hooks", "msg_1")
    assert received.headers["content-type"] == "application/json"
    assert received.headers["user-agent"].startswith("better-auth-python/")


async def test_connection_is_used_again(receiver: Receiver) -> None:
    async with sending(receiver.url) as made:
        for _ in range(3):
            assert await made.send(EVENT) == SendAttempt()
        assert len(made._pool.connections) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirect_is_a_failure_and_not_followed(receiver: Receiver, status: int) -> None:
    receiver.reply = lambda _: Reply(status, {"location": receiver.url})
    done = await send(receiver.url)
    assert done.fault == f"status {status}, and redirects are not followed"
    assert len(receiver.received) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 500])
async def test_other_status_is_a_failure(receiver: Receiver, status: int) -> None:
    receiver.reply = lambda _: Reply(status)
    assert await send(receiver.url) == SendAttempt(f"status {status}")


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [(429, "120", 120), (503, "7", 7), (503, "999999", 3600), (410, "", 3600)],
)
async def test_pause_that_the_receiver_asks_for(
    receiver: Receiver, status: int, retry_after: str, seconds: int
) -> None:
    receiver.reply = lambda _: Reply(status, {"retry-after": retry_after})
    assert (await send(receiver.url)).pause == timedelta(seconds=seconds)


async def test_pause_until_a_date(receiver: Receiver) -> None:
    until = now() + timedelta(seconds=90)
    receiver.reply = lambda _: Reply(429, {"retry-after": format_datetime(until, usegmt=True)})
    pause = (await send(receiver.url)).pause
    assert pause is not None
    assert timedelta(seconds=80) < pause <= timedelta(seconds=90)


@pytest.mark.parametrize(
    "retry_after",
    ["soon", "-5", "Sun, 06 Nov 1994 08:49:37 GMT", f"Sun, 06 Nov {10**20} 08:49:37 GMT", ""],
)
async def test_other_retry_after_asks_for_nothing(receiver: Receiver, retry_after: str) -> None:
    receiver.reply = lambda _: Reply(503, {"retry-after": retry_after})
    assert (await send(receiver.url)) == SendAttempt("status 503")


async def test_endless_response_is_not_read_to_its_end() -> None:
    written = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"x" * 8192)
                await writer.drain()
                written += 8192
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    start = time.monotonic()
    assert await send(f"http://127.0.0.1:{port}/") == SendAttempt()
    assert time.monotonic() - start < 2
    server.close()
    assert written < 64 * MOST_READ  # what the buffers of two sockets hold


async def test_slow_receiver_fails_after_its_time(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "SECONDS", 0.2)
    receiver.reply = lambda _: Reply(seconds=1)
    start = time.monotonic()
    done = await send(receiver.url)
    assert time.monotonic() - start < 0.9
    assert done.fault == "no response in 0 seconds"


async def test_nobody_listens() -> None:
    with receiving() as gone:
        url = gone.url
    done = await send(url)
    assert done.fault is not None
    assert "connect" in done.fault.lower()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_own_machine_is_refused_however_it_is_written(receiver: Receiver, host: str) -> None:
    done = await send(receiver.url.replace("localhost", host), allow_private=False)
    assert done.fault is not None
    assert "not an address of the internet" in done.fault
    assert receiver.received == []


async def test_name_with_one_private_address_is_refused(
    receiver: Receiver, resolved: dict[str, list[list[str]]]
) -> None:
    resolved[HOOKS] = [["93.184.216.34", "127.0.0.1"]]
    done = await send(receiver.url.replace("localhost", HOOKS), allow_private=False)
    assert done.fault == (
        "127.0.0.1 is not an address of the internet; WEBHOOK_ALLOW_PRIVATE=true allows it"
    )
    assert receiver.received == []


async def test_name_is_looked_up_once_and_that_address_is_connected_to(
    receiver: Receiver, resolved: dict[str, list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second answer of the name server, for a rebinding, is never asked for."""
    resolved[HOOKS] = [["93.184.216.34"], ["127.0.0.1"]]
    connected: list[str] = []

    async def connect(_self: Any, host: str, *_: Any) -> None:
        connected.append(host)
        raise httpcore.ConnectError("not from here")

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    await send(receiver.url.replace("localhost", HOOKS), allow_private=False)
    assert connected == ["93.184.216.34"]


async def test_host_header_is_the_name(
    receiver: Receiver, resolved: dict[str, list[list[str]]]
) -> None:
    resolved[HOOKS] = [["127.0.0.1"]]
    assert await send(receiver.url.replace("localhost", HOOKS)) == SendAttempt()
    assert receiver.received[0].headers["host"].startswith(f"{HOOKS}:")


async def test_next_address_is_tried(
    receiver: Receiver, resolved: dict[str, list[list[str]]]
) -> None:
    resolved[HOOKS] = [["127.9.9.9", "127.0.0.1"]]
    assert await send(receiver.url.replace("localhost", HOOKS)) == SendAttempt()


async def test_proxy_of_the_environment_is_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await send(receiver.url) == SendAttempt()


async def test_certificate_is_verified_for_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resolved: dict[str, list[list[str]]]
) -> None:
    certificate = self_made_certificate(tmp_path / "localhost.pem")
    resolved["localhost"] = [["127.0.0.1"], ["127.0.0.1"]]
    resolved[HOOKS] = [["127.0.0.1"]]
    with receiving(certificate=certificate) as receiver:
        unknown = await send(receiver.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        known = await send(receiver.url)
        other_name = await send(receiver.url.replace("localhost", HOOKS))
    assert known == SendAttempt()
    for failed in (unknown, other_name):
        assert failed.fault is not None
        assert "certificate verify failed" in failed.fault
