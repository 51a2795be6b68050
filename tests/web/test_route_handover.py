"""Litestar answers with the route that the front controller found."""

from typing import Any

import pytest
from litestar import Litestar

from app.settings.settings import Settings
from app.web.endpoint import ApiRequest, Endpoint
from app.web.http.asgi import App, Receive, Scope, Send
from app.web.http.client import ForwardingNotice
from app.web.http.response import JsonResponse
from app.web.litestar_handlers import make_endpoint_handler
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
    handler = make_endpoint_handler(routes, settings.auth_path)
    litestar: Any = Litestar([handler], openapi_config=None, logging_config=None)
    dependencies = FrontDependencies(TrustedOrigins([]), ForwardingNotice(lambda _: None))
    front = FrontController(litestar, RouteTable(routes), settings, dependencies)

    async def log(scope: Scope, receive: Receive, send: Send) -> None:
        await front(scope, receive, send)
        logged.append(scope["path_template"])

    return log, logged


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
async def test_route_is_that_of_the_front_controller(
    declared: tuple[str, ...], asked: str, answers: str
) -> None:
    app, logged = serve(*declared)
    method, _, path = asked.partition(" ")
    answer = await call(app, method, f"/api/auth{path}")
    assert (answer.status, answer.json()) == (200, answers)
    assert logged == [f"/api/auth{answers.partition(' ')[2]}"]


async def test_path_of_a_handler_is_no_path_of_a_client() -> None:
    app, _ = serve("GET /x/{id}/y", "GET /x")
    for path in ("/x/%3Cid%3E/y", "/x/<id>/y"):
        assert (await call(app, "GET", f"/api/auth{path}")).json() == "GET /x/{id}/y"
    assert (await call(app, "POST", "/api/auth/x/<id>/y")).status == 404
