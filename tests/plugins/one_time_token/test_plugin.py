"""A token is good for one session, once, and for nobody who must get none."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256

import pytest

from app.bridge.encodings import encode_base64url
from app.models.clock import now, to_iso
from app.plugins.one_time_token.plugin import PLUGIN
from app.plugins.one_time_token.tokens import OneTimeTokenOptions
from tests.support.asgi import Answer
from tests.support.logged import Lines
from tests.support.plugins import plugged
from tests.support.service import ORIGIN, Service, browser, cookies, from_now, serving
from tests.support.tables import sessions, verifications

pytestmark = pytest.mark.anyio

HEADER = OneTimeTokenOptions(set_ott_header_on_new_session=True)


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with plugged(sqlite_url, PLUGIN, OneTimeTokenOptions()) as service:
        yield service


async def generate(service: Service, up: Answer) -> str:
    answer = await service.get("/one-time-token/generate", browser(up))
    token = answer.json()["token"]
    assert isinstance(token, str)
    return token


async def verify(service: Service, token: str) -> Answer:
    return await service.post("/one-time-token/verify", {"token": token})


async def test_token_gives_the_session_and_its_cookie(service: Service) -> None:
    up = await service.sign_up()
    answer = await verify(service, await generate(service, up))
    assert answer.json()["session"]["token"] == up.json()["token"]
    assert cookies(answer) == cookies(up)
    assert len(await service.rows(sessions)) == 1
    assert await service.rows(verifications) == []


async def test_one_of_fifty_gets_the_session(database_url: str) -> None:
    async with (
        plugged(database_url, PLUGIN, OneTimeTokenOptions()) as one,
        serving(database_url, plugins=one.settings.plugins) as other,
    ):
        token = await generate(one, await one.sign_up())
        tries = [verify((one, other)[number % 2], token) for number in range(50)]
        answers = await asyncio.gather(*tries)
    assert sorted(answer.status for answer in answers) == [200] + [400] * 49
    assert [bool(cookies(answer)) for answer in answers].count(True) == 1


async def test_token_expires_after_its_minutes(service: Service) -> None:
    token = await generate(service, await service.sign_up())
    (row,) = await service.rows(verifications)
    assert from_now(minutes=2, seconds=50) < str(row["expiresAt"]) <= from_now(minutes=3)
    await service.alter(verifications, expiresAt=to_iso(now() - timedelta(seconds=1)))
    assert (await verify(service, token)).status == 400


async def test_hashed_token_is_not_in_the_database(sqlite_url: str) -> None:
    options = OneTimeTokenOptions(store_token="hashed")
    async with plugged(sqlite_url, PLUGIN, options) as service:
        token = await generate(service, await service.sign_up())
        (row,) = await service.rows(verifications)
        digest = encode_base64url(sha256(token.encode()).digest())
        assert row["identifier"] == f"one-time-token:{digest}"
        assert (await verify(service, digest)).status == 400
        assert (await verify(service, token)).status == 200


async def test_no_refusal_gives_a_session(service: Service) -> None:
    up = await service.sign_up()
    tokens = [await generate(service, up) for _ in range(2)]
    await service.alter(sessions, expiresAt=from_now(seconds=-1))
    expired = await verify(service, tokens[0])
    await service.execute("DELETE FROM session")
    ended = await verify(service, tokens[1])
    assert [expired.json(), ended.json()] == [
        {"message": "Session expired"},
        {"message": "Session not found"},
    ]
    for answer in (expired, ended):
        assert (answer.status, cookies(answer), answer.header("set-auth-token")) == (400, "", None)


async def test_banned_user_takes_no_session_over(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OneTimeTokenOptions()) as service:
        token = await generate(service, await service.sign_up())
        await service.execute('ALTER TABLE "user" ADD COLUMN banned integer')
        await service.execute('UPDATE "user" SET banned = 1')
    async with plugged(sqlite_url, PLUGIN, OneTimeTokenOptions()) as service:
        answer = await verify(service, token)
    assert (answer.status, answer.json()["code"], cookies(answer)) == (403, "BANNED_USER", "")


async def test_header_has_a_token_that_pages_can_read(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, HEADER) as service:
        body = {"name": "Ada", "email": "ada@example.com", "password": "correct horse"}
        up = await service.post("/sign-up/email", body, [("origin", ORIGIN)])
        exposed = (up.header("access-control-expose-headers") or "").split(", ")
        assert {"set-auth-token", "set-ott"} <= set(exposed)
        plain = await service.sign_in()
        assert plain.header("access-control-expose-headers") == "set-auth-token, set-ott"
        assert (await verify(service, up.header("set-ott") or "")).status == 200


async def test_session_stands_where_no_token_can_be_stored(sqlite_url: str, log: Lines) -> None:
    async with plugged(sqlite_url, PLUGIN, HEADER) as service:
        await service.execute(
            "CREATE TRIGGER no BEFORE INSERT ON verification BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        up = await service.sign_up()
        assert up.header("set-ott") is None
        assert (await service.get("/get-session", browser(up))).json() is not None
    assert any(line.get("message") == "one-time token not stored" for line in log())
