"""The log line of every refused request has the code of the response and the user, by endpoint."""

import asyncio
import io
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.server.container import Container
from app.server.features import list_routes
from app.server.plugins import derive_requirements, enable_all
from app.server.resources import Resources
from app.settings.options import ChangeEmailOptions, DeleteUserOptions, UserOptions
from app.settings.settings import Settings
from app.web.endpoint import Caller, Route
from app.web.http.asgi import Header
from tests.support.asgi import Answer
from tests.support.logged import Lines
from tests.support.prepared_files import inspect, prepare
from tests.support.service import SECRET, Service, browser, serving
from tests.support.smtp import Outgoing

pytestmark = pytest.mark.anyio

ADDRESS = "somebody-else@example.org"
BODY = {
    **dict.fromkeys(("email", "newEmail"), ADDRESS),
    **dict.fromkeys(("password", "newPassword", "currentPassword"), "a wrong password"),
    **dict.fromkeys(("token", "otp", "code", "sessionToken", "userId", "accountId"), "unknown"),
    **dict.fromkeys(("organizationId", "invitationId", "memberId", "teamId"), "unknown"),
    "name": "Eve",
    "username": "somebody",
    "type": "sign-in",
    "role": "member",
}
# One of them asks a server on the network.
PLUGINS = tuple(each for each in enable_all() if each.id != "have-i-been-pwned")
USER = UserOptions(
    change_email=ChangeEmailOptions(enabled=True), delete_user=DeleteUserOptions(enabled=True)
)
OPTIONS: dict[str, Any] = {
    "secret": SECRET,
    "plugins": PLUGINS,
    "user": USER,
    "smtp_url": "console:",
}


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    await prepare(sqlite_url, derive_requirements(Settings(**OPTIONS)))
    async with serving(sqlite_url, **OPTIONS, mailer=Outgoing()) as made:
        yield made


async def find_routes(service: Service) -> list[Route]:
    schema = await inspect(service.database, derive_requirements(service.settings))
    resources = Resources(service.database, None, Outgoing())
    return list_routes(Container(service.settings, resources, schema))


async def ask(service: Service, route: Route, headers: list[Header]) -> Answer:
    method, _, path = route.endpoint.method_and_path.partition(" ")
    path = path.replace("{token}", "unknown").replace("{id}", "unknown")
    if method == "GET":
        return await service.get(f"{path}?token=unknown&callbackURL=/next", headers)
    return await service.post(path, BODY, headers)


def find_code(answer: Answer) -> str | None:
    """What the response says to a client, or to the page that it sends a browser to."""
    if answer.status < HTTPStatus.BAD_REQUEST:
        query = parse_qs(urlsplit(answer.header("location") or "").query)
        return query.get("error", [None])[0]
    named = HTTPStatus(answer.status).name
    return (answer.json() or {}).get("code", named) if answer.body else named


async def test_every_refusal_has_its_code_and_user_and_no_address(
    service: Service, log: Lines, output: io.StringIO
) -> None:
    signed_up = await service.sign_up()
    user_id, refused, missing = signed_up.json()["user"]["id"], 0, list[str]()
    for route in await find_routes(service):
        for headers in ([], browser(signed_up)):
            answer = await ask(service, route, headers)
            await asyncio.sleep(0)
            line = [each for each in log() if "route" in each][-1]
            where = f"{route.endpoint.method_and_path} {answer.status} {answer.body!r}"
            assert line.get("code") == find_code(answer), where
            refused += "code" in line
            asks = route.endpoint.caller not in (Caller.NOBODY, Caller.HANDLER)
            # A body is read before the session is looked for.
            asks = asks and line.get("code") != "VALIDATION_ERROR"
            if "code" in line and headers and asks and line.get("user") != user_id:
                missing.append(where)
            if answer.header_list("set-cookie") and headers:
                signed_up = await service.sign_in()
    assert refused > 100
    assert missing == []
    assert ADDRESS not in output.getvalue()
