"""Small applications for a server to serve, named by `module:function` as the real one is."""

import asyncio
import json
import os
import sys
from pathlib import Path

from app.server import http_protocol, http_timeouts
from app.server.http_timeouts import Timeouts
from app.web.http.asgi import App, Receive, Scope, Send, respond

_JSON = [(b"content-type", b"application/json")]


def echo() -> App:
    """Answers with the scope; `/slow` takes half a second, `/body` counts what was sent.

    `/flood` fills every buffer on the way to the client.
    """
    gone = 0  # bodies that did not arrive whole
    faults = 0  # answers that could not be sent

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal faults, gone
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["path"] == "/slow":
            await asyncio.sleep(0.5)
        size = await _size(receive) if scope["path"] == "/body" else 0
        if size is None:
            gone += 1
            return
        seen = {
            "raw_path": scope["raw_path"].decode("latin-1"),
            "headers": [[k.decode("latin-1"), v.decode("latin-1")] for k, v in scope["headers"]],
            "client": scope["client"][0],
            "pid": os.getpid(),
            "size": size,
            "gone": gone,
            "faults": faults,
            "flood": "x" * (32 * 1024 * 1024 if scope["path"] == "/flood" else 0),
        }
        try:
            await respond(send, 200, _JSON, json.dumps(seen).encode())
        except Exception:
            faults += 1
            raise

    return application


def hasty() -> App:
    """`echo` for clients that are quick."""
    http_timeouts.SERVING = Timeouts(tick=0.02, head=0.2, idle=0.15, body=0.3, response=0.3)
    return echo()


def lingering() -> App:
    """`echo` that waits longer than any test for a last request of an idle connection."""
    http_timeouts.ENDING = Timeouts(tick=0.02, head=60, idle=60, body=0.2, response=60)
    return echo()


def small() -> App:
    """`echo` with little memory for bodies."""
    http_protocol.MAX_UNFINISHED = 4 * http_protocol.SMALL_BODY
    return echo()


def stuck() -> App:
    """Does not start, and says why."""

    async def application(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "the store is closed"})

    return application


def moody() -> App:
    """`echo`, which does not start while there is a file where `STORE_IS_AWAY` says."""
    return stuck() if Path(os.environ["STORE_IS_AWAY"]).exists() else echo()


def patient() -> App:
    """Waits for its store and never gets to serve."""

    async def application(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        sys.stderr.write(f"waiting {os.getpid()}\n")
        sys.stderr.flush()
        await asyncio.sleep(60)

    return application


def broken() -> App:
    """Does not start, and does not say why."""
    raise LookupError("no such thing")


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _size(receive: Receive) -> int | None:
    """Bytes of the body; None when the client went before its end."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    return size
