import pytest

from app.web.http.asgi import Message, Receive, Scope, Send, respond
from tests.support.asgi import call
from tests.support.outer_layer import add_outer_layer

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "scope", [{"type": "lifespan"}, {"type": "websocket", "headers": [(b"expo-origin", b"a://")]}]
)
async def test_other_scopes_pass_untouched(scope: Scope) -> None:
    seen: list[Scope] = []

    async def application(passed: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(passed)

    async def receive() -> Message:
        raise AssertionError

    async def send(_: Message) -> None:
        raise AssertionError

    before = dict(scope)
    await add_outer_layer(application)(scope, receive, send)
    assert seen == [before]


async def test_request_headers_stay_as_they_are_without_expo_origin() -> None:
    seen: list[Scope] = []

    async def application(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(scope)
        await respond(send, 200, [])

    await call(add_outer_layer(application), "GET", "/", [("a", "b")])
    assert seen[0]["headers"] == [(b"a", b"b")]


async def test_message_that_an_application_sends_twice_gets_no_headers_of_another_request() -> None:
    start = {"type": "http.response.start", "status": 200, "headers": []}

    async def application(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start)
        await send({"type": "http.response.body"})

    layered = add_outer_layer(application)
    await call(layered, "GET", "/")
    answer = await call(layered, "GET", "/")
    assert len([value for name, value in answer.headers if name == "x-request-id"]) == 1
