"""Which of several endpoints answers, and which template the log has."""

from typing import Any

import pytest

from app.settings.settings import Settings
from app.web.endpoint import ApiRequest, Endpoint
from app.web.http.asgi import App, Receive, Scope, Send
from app.web.http.client import ForwardingNotice
from app.web.http.response import JsonResponse
from app.web.middleware.front_controller import FrontController, FrontDependencies
from app.web.middleware.route_table import RouteTable
from app.web.origins.trusted_origins import TrustedOrigins
from tests.support.asgi import call
from tests.support.service import SECRET

pytestmark = pytest.mark.anyio


def serve(*declared: str) -> tuple[App, list[str]]:
    """An application whose endpoints say which one answers; and the templates for the log."""
    logged: list[str] = []

    def declare(method_and_path: str) -> Any:
        async def tell(_request: ApiRequest) -> JsonResponse[str]:
            return JsonResponse(method_and_path)

        return Endpoint(method_and_path, ignores_body=True).with_handler(tell)

    settings = Settings(secret=SECRET)
    routes = [declare(each) for each in declared]
    dependencies = FrontDependencies(TrustedOrigins([]), ForwardingNotice(lambda _: None))
    front = FrontController(_leave, RouteTable(routes), settings, dependencies)

    async def log(scope: Scope, receive: Receive, send: Send) -> None:
        await front(scope, receive, send)
        logged.append(scope["path_template"])

    return log, logged


async def _leave(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError("all of these are below the base path")


@pytest.mark.parametrize(
    ("declared", "asked", "answers"),
    [
        (("GET /x", "POST /x"), "GET /x", "GET /x"),
        (("GET /x", "POST /x"), "POST /x", "POST /x"),
        (("GET /x/{id}", "POST /x/{id}"), "POST /x/1", "POST /x/{id}"),
        (("GET /x/fixed", "POST /x/{id}"), "POST /x/fixed", "POST /x/{id}"),
        (("GET /x/{id}", "POST /x/{name}"), "POST /x/1", "POST /x/{name}"),
        (("GET /x/{id}/y", "POST /x/{id}/{part}"), "POST /x/1/y", "POST /x/{id}/{part}"),
        (("GET /x/{id}", "GET /x/a/{part}"), "GET /x/a", "GET /x/{id}"),
        (("GET /x/<id>", "GET /x/{id}"), "GET /x/1", "GET /x/{id}"),
    ],
)
async def test_route_that_fits_path_and_method_answers(
    declared: tuple[str, ...], asked: str, answers: str
) -> None:
    app, logged = serve(*declared)
    method, _, path = asked.partition(" ")
    answer = await call(app, method, f"/api/auth{path}")
    assert (answer.status, answer.json()) == (200, answers)
    assert logged == [f"/api/auth{answers.partition(' ')[2]}"]
