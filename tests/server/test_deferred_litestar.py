import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress

import pytest

from app.server.deferred_litestar import DeferredLitestar, LitestarApp
from app.web.http.asgi import Receive, Scope, Send, respond
from tests.support.asgi import call

pytestmark = pytest.mark.anyio


async def _serve(_scope: Scope, _receive: Receive, send: Send) -> None:
    await respond(send, 200, [], b"served")


def counted(built: list[int], fail: Callable[[], bool] = lambda: False) -> DeferredLitestar:
    def create() -> LitestarApp:
        built.append(1)
        if fail():
            raise RuntimeError("no")
        return LitestarApp(_serve, lambda: {"openapi": "3"})

    return DeferredLitestar(create)


async def test_nothing_is_built_before_a_request() -> None:
    built: list[int] = []
    app = counted(built)
    assert built == []
    assert (await call(app, "GET", "/docs")).body == b"served"


async def test_requests_at_the_same_time_build_once() -> None:
    built: list[int] = []
    app = counted(built)
    await asyncio.gather(*(call(app, "GET", "/docs") for _ in range(5)), app.make_document())
    assert built == [1]


async def test_request_that_leaves_stops_nobody_elses() -> None:
    built: list[int] = []
    app = counted(built)
    leaving = asyncio.create_task(call(app, "GET", "/docs"))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(call(app, "GET", "/docs"))
    leaving.cancel()
    assert (await waiting).body == b"served"
    assert built == [1]


async def test_next_request_tries_again_after_a_failure() -> None:
    built: list[int] = []
    app = counted(built, lambda: len(built) == 1)
    with pytest.raises(RuntimeError):
        await call(app, "GET", "/docs")
    assert (await call(app, "GET", "/docs")).body == b"served"


async def test_after_a_failure_those_who_waited_build_once() -> None:
    built: list[int] = []
    app = counted(built, lambda: len(built) == 1)

    async def try_twice() -> bytes:
        with suppress(RuntimeError):
            await app.make_document()
        return (await call(app, "GET", "/docs")).body

    answers = await asyncio.gather(*(try_twice() for _ in range(5)))
    assert answers == [b"served"] * 5
    assert built == [1, 1]


@pytest.mark.parametrize("fails", [False, True])
async def test_garbage_is_collected_again_after_it(fails: bool) -> None:
    app = counted([], lambda: fails)
    with suppress(RuntimeError):
        await app.make_document()
    assert gc.isenabled()
