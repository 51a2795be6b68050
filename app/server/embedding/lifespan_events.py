"""The lifespan of ASGI, of a `BetterAuth` and of the application that it wraps."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress

from ...web.http.asgi import App, Message, Receive, Scope, Send
from ..opening import OPENING_FAULTS
from .shared_opening import NotOpen


class ApplicationNotStarted(Exception):
    """The wrapped application does not start. The message is its own."""


async def run_lifespan(
    hold: Callable[[], AbstractAsyncContextManager[None]], receive: Receive, send: Send
) -> None:
    """Handles the lifespan events of a server: `hold` is entered, and left at the end."""
    await receive()
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(hold())
        except (*OPENING_FAULTS, NotOpen, ApplicationNotStarted) as fault:
            await send({"type": "lifespan.startup.failed", "message": str(fault)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


@asynccontextmanager
async def run_wrapped(app: App, scope: Scope) -> AsyncIterator[None]:
    """Starts an application for the block, if it has a lifespan (Django has none).

    Raises `ApplicationNotStarted`.
    """
    events: asyncio.Queue[Message] = asyncio.Queue()
    said: asyncio.Queue[Message] = asyncio.Queue()
    running = asyncio.ensure_future(app(scope, events.get, said.put))
    await events.put({"type": "lifespan.startup"})
    started = await _wait_for_message(running, said)
    if started is not None and started["type"] == "lifespan.startup.failed":
        with suppress(Exception):  # its message says why
            await running
        raise ApplicationNotStarted(started.get("message", ""))
    try:
        yield
    finally:
        if started is not None:
            await events.put({"type": "lifespan.shutdown"})
            await _wait_for_message(running, said)
            await running


async def _wait_for_message(
    running: asyncio.Future[None], said: asyncio.Queue[Message]
) -> Message | None:
    """Returns what an application says next, or None if it ends, or fails, without a word."""
    message = asyncio.ensure_future(said.get())
    either: list[asyncio.Future[None] | asyncio.Future[Message]] = [running, message]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if message.done():
        return message.result()
    message.cancel()
    running.exception()
    return None
