"""A browser reaches its own sessions, and nothing that must not be."""

from collections.abc import AsyncIterator

import pytest

from app.auth.sessions.database_store import DatabaseSessions
from app.models.errors import StoreUnavailable
from app.plugins.multi_session.device_sessions import MultiSessionOptions
from app.plugins.multi_session.plugin import PLUGIN
from app.settings.cookie_options import CookieAttributes, CookieOverride
from app.settings.options import AdvancedOptions
from tests.support.asgi import Answer, Header
from tests.support.logged import Lines
from tests.support.plugins import plugged
from tests.support.service import EMAIL, ORIGIN, PASSWORD, Service, browser, cookies
from tests.support.tables import sessions

pytestmark = pytest.mark.anyio

LIST = "/multi-session/list-device-sessions"
SET_ACTIVE, REVOKE = "/multi-session/set-active", "/multi-session/revoke"


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with plugged(sqlite_url, PLUGIN, MultiSessionOptions()) as service:
        yield service


def with_cookies(*answers: Answer) -> list[Header]:
    """Headers of a browser that got these answers, in this order."""
    jar = dict(pair.partition("=")[::2] for each in answers for pair in cookies(each).split("; "))
    return [("cookie", "; ".join(f"{k}={v}" for k, v in jar.items())), ("origin", ORIGIN)]


async def sign_up_both(service: Service) -> tuple[Answer, Answer]:
    ada = await service.sign_up()
    body = {"name": "Eve", "email": "eve@example.com", "password": PASSWORD}
    return ada, await service.post("/sign-up/email", body, browser(ada))


def multi_cookies(answer: Answer) -> list[str]:
    return [line for line in answer.header_list("set-cookie") if "_multi-" in line]


async def names(service: Service, headers: list[Header]) -> list[str]:
    return [each["user"]["name"] for each in (await service.get(LIST, headers)).json()]


async def test_browser_switches_and_sees_no_other_browser(service: Service) -> None:
    ada, eve = await sign_up_both(service)
    elsewhere = await service.sign_in("eve@example.com")
    page = with_cookies(ada, eve)
    assert await names(service, page) == ["Ada", "Eve"]
    assert await names(service, browser(elsewhere)) == ["Eve"]
    switch = {"sessionToken": ada.json()["token"]}
    switched = await service.post(SET_ACTIVE, switch, page)
    assert switched.json()["user"]["name"] == "Ada"
    assert (await service.post(SET_ACTIVE, switch, browser(elsewhere))).status == 401
    assert (await service.post(REVOKE, switch, browser(elsewhere))).status == 401
    assert len(await service.rows(sessions)) == 3


async def test_cookie_without_its_signature_is_none(service: Service) -> None:
    ada, eve = await sign_up_both(service)
    token = eve.json()["token"]
    forged = f"better-auth.session_token_multi-{token.lower()}={token}"
    page: list[Header] = [("cookie", f"{cookies(ada)}; {forged}"), ("origin", ORIGIN)]
    assert await names(service, page) == ["Ada"]
    assert (await service.post(SET_ACTIVE, {"sessionToken": token}, page)).status == 401
    assert (await service.post(REVOKE, {"sessionToken": token}, page)).status == 401


async def test_forged_cookie_ends_no_session_at_sign_out(service: Service) -> None:
    """GHSA-wmjr-v86c-m9jj: a sign-out ended sessions of cookies that nobody had signed."""
    token = (await service.sign_up()).json()["token"]
    for value in (token, f"{token}.{'A' * 43}=", f"{token}."):
        forged = f"better-auth.session_token_multi-{token.lower()}={value}"
        headers: list[Header] = [("cookie", forged), ("origin", ORIGIN)]
        answer = await service.post("/sign-out", {}, headers)
        assert (answer.status, multi_cookies(answer)) == (200, [])
    assert [row["token"] for row in await service.rows(sessions)] == [token]


async def test_same_user_replaces_the_session_of_this_browser_alone(
    service: Service, log: Lines
) -> None:
    ada, eve = await sign_up_both(service)
    elsewhere = await service.sign_in()
    body = {"email": EMAIL, "password": PASSWORD}
    again = await service.post("/sign-in/email", body, with_cookies(ada, eve))
    tokens = {row["token"] for row in await service.rows(sessions)}
    assert tokens == {each.json()["token"] for each in (eve, elsewhere, again)}
    expired, given = multi_cookies(again)
    assert expired.startswith(f"better-auth.session_token_multi-{ada.json()['token'].lower()}=;")
    assert given.startswith(f"better-auth.session_token_multi-{again.json()['token'].lower()}=")
    assert [line["why"] for line in log() if line.get("message") == "session ended"] == ["replaced"]


async def test_session_stands_where_the_earlier_one_cannot_be_ended(
    service: Service, monkeypatch: pytest.MonkeyPatch, log: Lines
) -> None:
    ada = await service.sign_up()

    async def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(DatabaseSessions, "end", fail)
    again = await service.post(
        "/sign-in/email", {"email": EMAIL, "password": PASSWORD}, browser(ada)
    )
    assert again.status == 200
    assert len(multi_cookies(again)) == 1
    assert any(line.get("message") == "session not replaced" for line in log())


async def test_sign_out_ends_all_sessions_of_the_browser(service: Service) -> None:
    ada, eve = await sign_up_both(service)
    await service.sign_in()
    answer = await service.post("/sign-out", {}, with_cookies(ada, eve))
    assert len(multi_cookies(answer)) == 2
    assert all("=; Max-Age=0" in line for line in multi_cookies(answer))
    assert len(await service.rows(sessions)) == 1


async def test_revoked_current_session_leaves_the_next_or_none(service: Service) -> None:
    ada, eve = await sign_up_both(service)
    page = with_cookies(ada, eve)
    first = await service.post(REVOKE, {"sessionToken": eve.json()["token"]}, page)
    found = await service.get("/get-session", browser(first))
    assert found.json()["user"]["name"] == "Ada"
    page = with_cookies(ada, first)
    last = await service.post(REVOKE, {"sessionToken": ada.json()["token"]}, page)
    assert cookies(last) == ""
    assert last.header("set-auth-token") is None
    assert await service.rows(sessions) == []


async def test_nobody_switches_to_a_user_who_must_get_no_session(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, MultiSessionOptions()) as service:
        ada, eve = await sign_up_both(service)
        await service.execute('ALTER TABLE "user" ADD COLUMN banned integer')
        await service.execute("UPDATE \"user\" SET banned = 1 WHERE name = 'Ada'")
    async with plugged(sqlite_url, PLUGIN, MultiSessionOptions()) as service:
        page = with_cookies(ada, eve)
        refused = await service.post(SET_ACTIVE, {"sessionToken": ada.json()["token"]}, page)
        assert (refused.status, refused.json()["code"]) == (403, "BANNED_USER")
        assert cookies(refused) == ""
        revoked = await service.post(REVOKE, {"sessionToken": eve.json()["token"]}, page)
        assert (revoked.status, cookies(revoked)) == (200, "")


async def test_cookies_have_the_attributes_of_the_session_cookie(sqlite_url: str) -> None:
    own = CookieOverride(attributes=CookieAttributes(same_site="strict", max_age=60))
    advanced = AdvancedOptions(cookies={"session_token": own})
    async with plugged(sqlite_url, PLUGIN, MultiSessionOptions(), advanced=advanced) as service:
        (line,) = multi_cookies(await service.sign_up())
    assert line.endswith("; Max-Age=60; Path=/; HttpOnly; SameSite=Strict")


async def test_maximum_gives_no_more_cookies(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, MultiSessionOptions(maximum_sessions=1)) as service:
        ada, eve = await sign_up_both(service)
        assert (len(multi_cookies(ada)), len(multi_cookies(eve))) == (1, 0)
        assert await names(service, with_cookies(ada, eve)) == ["Ada"]
        body = {"sessionToken": eve.json()["token"]}
        answer = await service.post(REVOKE, body, with_cookies(ada, eve))
        assert answer.status == 401
