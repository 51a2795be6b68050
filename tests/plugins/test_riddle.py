"""A plugin steps in between the password and the session, and at the other places of hooks."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.plugins.plugin import AnyPlugin
from app.server.app import make_openapi_document
from app.server.plugins import PLUGINS
from app.storage.database import Database
from tests.plugins.riddle.plugin import PLUGIN, RiddleOptions
from tests.support.asgi import Answer
from tests.support.plugins import plugged
from tests.support.service import EMAIL, ORIGIN, Service, browser, cookies, serve
from tests.support.smtp import Outgoing
from tests.support.tables import sessions, verifications

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

INSTALLED: tuple[AnyPlugin, ...] = (*PLUGINS, PLUGIN)
SOLUTION = {"solution": "42"}


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with plugged(database_url, PLUGIN, RiddleOptions()) as service:
        yield service


async def ask(service: Service, name: str = "Ada") -> Answer:
    """What somebody who has signed up gets for the right password; no session is left."""
    await service.sign_up(name=name)
    await service.execute("DELETE FROM session")
    return await service.sign_in()


async def test_challenge_comes_before_any_session(service: Service) -> None:
    asked = await ask(service)
    assert (asked.status, asked.json()) == (200, {"riddle": "What is it?"})
    assert asked.header("set-auth-token") is None
    assert asked.header("x-asked") == "/sign-in/email"
    (line,) = asked.header_list("set-cookie")
    assert line.startswith("better-auth.riddle=riddle-")
    assert "; Max-Age=600; Path=/; HttpOnly; SameSite=Lax" in line
    assert await service.rows(sessions) == []
    assert (await service.get("/get-session", browser(asked))).json() is None


@pytest.mark.engines("sqlite", "postgres")
async def test_solution_earns_the_session_once(service: Service) -> None:
    asked = await ask(service)
    assert (await service.post("/riddle/solve", SOLUTION)).status == 401
    wrong = await service.post("/riddle/solve", {"solution": "41"}, browser(asked))
    assert wrong.json()["code"] == "WRONG_SOLUTION"
    solved = await service.post("/riddle/solve", SOLUTION, browser(asked))
    assert solved.json()["user"]["name"] == "Ada"
    assert solved.header("x-issued") == "/riddle/solve"
    found = await service.get("/get-session", browser(solved))
    assert found.json()["session"]["token"] == solved.json()["token"]
    assert found.header("x-read") == f"Ada {found.json()['session']['id']}"
    assert (await service.post("/riddle/solve", SOLUTION, browser(asked))).status == 401


async def test_solution_earns_one_session_when_it_comes_often(service: Service) -> None:
    asked = await ask(service)
    tries = [service.post("/riddle/solve", SOLUTION, browser(asked)) for _ in range(5)]
    statuses = sorted([answer.status for answer in await asyncio.gather(*tries)])
    assert statuses == [200, 401, 401, 401, 401]
    assert len(await service.rows(sessions)) == 1


async def test_cookie_of_another_server_is_no_challenge(service: Service) -> None:
    asked = await ask(service)
    name, _, value = cookies(asked).partition("=")
    forged = [("cookie", f"{name}={value[:-12]}AAAAAAAAA%3D"), ("origin", ORIGIN)]
    assert (await service.post("/riddle/solve", SOLUTION, forged)).status == 401


async def test_wrong_password_asks_for_nothing(service: Service) -> None:
    await service.sign_up()
    answer = await service.sign_in(password="wrong horse")
    assert (answer.status, answer.header_list("set-cookie")) == (401, [])
    assert await service.rows(verifications) == []


async def test_factor_that_was_passed_adds_its_headers(service: Service) -> None:
    answer = await ask(service, "Wise")
    assert (answer.status, answer.header("x-riddle")) == (200, "passed")
    assert answer.header("x-issued") == "/sign-in/email"
    assert len(await service.rows(sessions)) == 1


@pytest.mark.engines("sqlite", "postgres")
async def test_who_gets_no_session_is_asked_for_nothing(service: Service) -> None:
    assert (await service.sign_up()).status == 200
    await service.execute("UPDATE \"user\" SET name = 'Mallory'")
    await service.execute("DELETE FROM session")
    answer = await service.sign_in()
    assert (answer.status, answer.json()["code"]) == (403, "BARRED")
    assert await service.rows(sessions) == await service.rows(verifications) == []


async def test_no_feature_makes_a_session_that_a_hook_refuses(service: Service) -> None:
    assert (await service.sign_up(name="Mallory")).json()["code"] == "BARRED"
    assert await service.rows(sessions) == []
    ada = await service.sign_up("eve@example.com")
    await service.execute("UPDATE \"user\" SET name = 'Mallory'")
    change = {"currentPassword": "correct horse", "newPassword": "battery staple"}
    refused = await service.post(
        "/change-password", {**change, "revokeOtherSessions": True}, browser(ada)
    )
    assert refused.json()["code"] == "BARRED"


async def test_credential_of_a_plugin_goes_before_the_cookie(service: Service) -> None:
    ada, eve = await service.sign_up(), await service.sign_up("eve@example.com", name="Eve")
    both = [*browser(ada), ("x-session", eve.json()["token"])]
    assert (await service.get("/get-session", both)).json()["user"]["name"] == "Eve"
    unknown = [*browser(ada), ("x-session", "unknown")]
    assert (await service.get("/get-session", unknown)).json() is None


@pytest.mark.engines("sqlite", "postgres")
async def test_list_of_sessions_is_what_the_plugin_leaves(service: Service) -> None:
    ada = await service.sign_up()
    assert len((await service.get("/list-sessions", browser(ada))).json()) == 1
    await service.alter(sessions, userAgent="hidden")
    assert (await service.get("/list-sessions", browser(ada))).json() == []


async def test_sign_out_and_cookies_given_once_more_have_its_headers(service: Service) -> None:
    ada = await service.sign_up()
    again = await service.post("/update-user", {"name": "Ada L."}, browser(ada))
    assert again.header("x-issued") == "again"
    assert (await service.post("/sign-out", {}, browser(ada))).header("x-signed-out") == "1"


async def test_document_tells_what_other_endpoints_answer_now(service: Service) -> None:
    document = (await service.get("/open-api/generate-schema")).json()
    told = document["paths"]["/api/auth/sign-in/email"]["post"]["responses"]
    assert set(told["200"]["content"]["application/json"]["examples"]) == {"Signed in", "Asked"}
    assert "Barred" in told["403"]["content"]["application/json"]["examples"]
    assert "/api/auth/riddle/solve" in document["paths"]
    assert "/api/auth/riddle/solve" not in (await make_openapi_document())["paths"]  # type: ignore[operator]  # JSON


async def test_plugin_that_is_off_brings_nothing(database: Database) -> None:
    service = await serve(database, installed=INSTALLED)
    assert (await service.post("/riddle/solve", SOLUTION)).status == 404
    assert (await ask(service)).json()["user"]["name"] == "Ada"


async def test_plugin_judges_the_column_that_it_lifts(database: Database) -> None:
    await (await serve(database)).sign_up(name="Wise")
    kind = "integer" if database.dialect == "sqlite" else "boolean"
    async with database.begin() as tx:
        await tx.exec_driver_sql(f'ALTER TABLE "user" ADD COLUMN "banned" {kind}')
        await tx.exec_driver_sql(f'UPDATE "user" SET "banned" = CAST(1 AS {kind})')
    off = await serve(database, installed=INSTALLED)
    assert (await off.sign_in()).json()["code"] == "BANNED_USER"
    on = await serve(database, installed=INSTALLED, plugins=(PLUGIN.enable(RiddleOptions()),))
    answer = await on.sign_in()
    assert answer.status == 200
    assert (await on.get("/token", browser(answer))).status == 200


async def test_something_else_is_mailed_in_place_of_the_link(sqlite_url: str) -> None:
    outbox, options = Outgoing(), RiddleOptions(verifies=True)
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox) as service:
        ada = await service.sign_up()
        await service.post("/send-verification-email", {"email": EMAIL}, browser(ada))
    (mail,) = outbox.messages
    assert (mail.to, "riddle:" in mail.text) == (EMAIL, True)
