"""The receivers of docs/webhooks.md accept what the service sends, once, and nothing else."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from app.auth.webhooks.queue import QueuedEvent
from app.models.clock import now, to_iso
from app.server.webhooks.sender import SendAttempt, WebhookSender
from app.server.webhooks.signatures import WebhookSigner
from tests.support import programs
from tests.support.node import node
from tests.support.pages import block
from tests.support.webhooks import OLD_SECRET, SECRET
from tests.system.js_client.service import inherited

from .environments import pasted

pytestmark = pytest.mark.xdist_group("published")


@pytest.fixture(params=["python", "js"])
def receiver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The URL of a receiver of the page, and the file with what it prints."""
    with _run(request.param, tmp_path) as url:
        yield url, tmp_path / "server.log"


@contextmanager
def _run(language: str, folder: Path) -> Iterator[str]:
    port = programs.free_port()
    environ = inherited() | {"WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    if language == "js":
        script = folder / "receiver.mjs"
        script.write_text(block("docs/webhooks.md", "A receiver in JavaScript", "js"))
        command = [str(node()), str(script)]
    else:
        python = pasted(block("docs/webhooks.md", "A receiver in Python", "sh"), folder)
        (folder / "main.py").write_text(block("docs/webhooks.md", "A receiver in Python", "python"))
        command = [str(python), "-m", "uvicorn", "main:app", "--port", str(port)]
    with programs.running(command, environ, folder, port, ends_with=-signal.SIGTERM):
        yield f"http://127.0.0.1:{port}/hooks"


async def _send(url: str, secret: str, *message_ids: str) -> list[SendAttempt]:
    sender = WebhookSender(url, WebhookSigner([secret]), allow_private=True, connections=1)
    data = {"user": {"name": "Zoë"}}
    body = {"type": "user.created", "timestamp": to_iso(now()), "data": data}
    text = msgspec.json.encode(body).decode()
    at = to_iso(now())
    try:
        return [
            await sender.send(QueuedEvent(1, each, "zoe", "user.created", text, at, at, 0))
            for each in message_ids
        ]
    finally:
        await sender.close()


def test_event_is_taken_once_and_only_from_us(receiver: tuple[str, Path]) -> None:
    url, printed = receiver
    accepted = asyncio.run(_send(url, SECRET, "msg_1", "msg_1", "msg_2"))
    assert accepted == [SendAttempt()] * 3
    assert asyncio.run(_send(url, OLD_SECRET, "msg_3")) == [SendAttempt("status 400")]
    assert httpx.post(url, json={"type": "user.created"}).status_code == 400
    assert printed.read_text("utf-8").count("Welcome, Zoë") == 2
