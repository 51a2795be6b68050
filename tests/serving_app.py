"""Small applications for a server to serve, named by `module:function` as the real one is."""

import asyncio
import json

from app.web.asgi import App, Receive, Scope, Send, respond

_JSON = [(b"content-type", b"application/json")]


def echo() -> App:
    """Answers with the scope; `/slow` takes half a second, `/body` counts what was sent."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["path"] == "/slow":
            await asyncio.sleep(0.5)
        size = await _size(receive) if scope["path"] == "/body" else 0
        seen = {
            "raw_path": scope["raw_path"].decode("latin-1"),
            "headers": [[k.decode("latin-1"), v.decode("latin-1")] for k, v in scope["headers"]],
            "client": scope["client"][0],
            "size": size,
        }
        await respond(send, 200, _JSON, json.dumps(seen).encode())

    return application


def stuck() -> App:
    """Does not start, and says why."""

    async def application(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "the store is closed"})

    return application


def broken() -> App:
    """Does not start, and does not say why."""
    raise LookupError("no such thing")


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _size(receive: Receive) -> int:
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    return size
