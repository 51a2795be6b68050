"""The cookie cache: read by `getCookieCache` as a middleware does, and by the other server."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.auth.sessions.cache.original import ask
from tests.system.parity.options import Setup
from tests.system.parity.servers import NewPlace, Pair
from tests.system.parity.side import Caller

from .together import at, either, in_order, together

pytestmark = pytest.mark.anyio

STRATEGIES = ("compact", "jwt", "jwe")


@pytest.fixture(scope="module", params=STRATEGIES)
def strategy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def pair(
    strategy: str, new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("cache")
    cache = {"session.cookieCache.enabled": True, "session.cookieCache.strategy": strategy}
    with together(Setup(cache), new_place(folder), folder, cheap_hashes=True) as started:
        yield started


@either
async def test_get_cookie_cache_reads_what_either_wrote(
    pair: Pair, strategy: str, first: str
) -> None:
    maker, _ = in_order(pair, first)
    browser = await maker.signed_up(f"{uuid4().hex}@example.com")
    read = ask(strategy, secret=pair.setup.secret, cookie=_header(browser))["cache"]
    found = (await browser.get("/get-session?disableCookieCache=true")).json
    assert {name: read[name] for name in found} == found


@either
async def test_the_other_answers_from_what_one_wrote(pair: Pair, first: str) -> None:
    """A name that is in the database only shows what was read: the cookie or the row."""
    maker, other = in_order(pair, first)
    email = f"{uuid4().hex}@example.com"
    browser = await maker.signed_up(email)
    await maker.sql('UPDATE "user" SET name = ? WHERE email = ?', "Ada King", email)
    there = at(other, browser)
    assert await _name(there) == "Ada"
    assert await _name(there, "?disableCookieCache=true") == "Ada King"
    assert await _name(at(maker, there)) == "Ada King", "read anew, and kept by the other"


@either
async def test_sign_out_in_one_takes_the_cache_along(pair: Pair, first: str) -> None:
    maker, other = in_order(pair, first)
    there = at(other, await maker.signed_up(f"{uuid4().hex}@example.com"))
    await there.post("/sign-out", {})
    assert there.cookies == {}


async def _name(browser: Caller, query: str = "") -> Any:
    return (await browser.get(f"/get-session{query}")).json["user"]["name"]


def _header(browser: Caller) -> str:
    return "; ".join(f"{name}={value}" for name, value in (browser.cookies or {}).items())
