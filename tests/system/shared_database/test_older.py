"""A neighbour of an older version: what both must agree on while one takes over from the other."""

from collections.abc import Iterator

import pytest

from tests.system.parity.options import Options, Setup
from tests.system.parity.servers import Pair, sqlite_place
from tests.system.parity.side import Caller
from tests.system.parity.versions import OLDER

from .together import at, either, grouped, in_order, together

pytestmark = [pytest.mark.anyio, grouped("older")]

CACHE: Options = {"session.cookieCache.enabled": True}
STORED: Options = {"secondaryStorage": True}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("older")
    with together(Setup(CACHE), sqlite_place(folder), folder, version=OLDER) as started:
        yield started


@pytest.fixture(scope="module")
def stored(new_redis: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("older-stored")
    place = sqlite_place(folder)
    with together(Setup(STORED), place, folder, new_redis, version=OLDER) as started:
        yield started


@either
async def test_cookie_and_cache_of_one_are_read_by_the_other(pair: Pair, first: str) -> None:
    maker, other = in_order(pair, first)
    email = f"{first}@example.com"
    browser = await maker.signed_up(email)
    await maker.sql('UPDATE "user" SET name = ? WHERE email = ?', "Ada King", email)
    there = at(other, browser)
    assert await _name(there) == "Ada", "from the cache"
    assert await _name(there, "?disableCookieCache=true") == "Ada King", "from the row"
    assert await _name(at(maker, there)) == "Ada King", "kept by the other"
    await there.post("/sign-out", {})
    assert there.cookies == {}
    assert await _session(browser, "?disableCookieCache=true") is None


@either
async def test_password_set_in_one_is_taken_by_the_other(pair: Pair, first: str) -> None:
    here, there = in_order(pair, first)
    email = f"password-{first}@example.com"
    browser = await there.signed_up(email)
    change = {"currentPassword": "correct horse battery", "newPassword": "a newer horse"}
    changed = {**change, "revokeOtherSessions": True}
    assert (await at(here, browser).post("/change-password", changed)).status == 200
    assert await _session(browser, "?disableCookieCache=true") is None
    assert (await there.browser().sign_in(email)).status == 401
    assert (await there.browser().sign_in(email, password="a newer horse")).status == 200


@either
async def test_what_one_does_to_sessions_in_redis_the_other_sees(stored: Pair, first: str) -> None:
    here, there = in_order(stored, first)
    email = f"{first}@example.com"
    phone = await here.signed_up(email)
    laptop = there.browser()
    await laptop.sign_in(email)
    assert await _session(at(there, phone)) == await _session(phone)
    assert await _listed(at(there, phone)) == await _listed(phone)
    await at(there, phone).post("/sign-out", {})
    assert await _session(phone) is None
    await at(here, laptop).post("/revoke-sessions", {})
    assert await _session(laptop) is None


@either
async def test_mark_of_ended_sessions_ends_no_later_one(stored: Pair, first: str) -> None:
    """The older version neither writes nor reads it: what it makes afterwards holds here."""
    here, there = in_order(stored, first)
    email = f"again-{first}@example.com"
    await (await here.signed_up(email)).post("/revoke-sessions", {})
    for side in (here, there):
        browser = side.browser()
        await browser.sign_in(email)
        assert await _session(at(here, browser)) == await _session(at(there, browser))
        assert await _session(browser)


async def _session(browser: Caller, query: str = "") -> object:
    return (await browser.get(f"/get-session{query}")).json


async def _name(browser: Caller, query: str = "") -> object:
    return (await browser.get(f"/get-session{query}")).json["user"]["name"]


async def _listed(browser: Caller) -> list[str]:
    return [session["token"] for session in (await browser.get("/list-sessions")).json]
