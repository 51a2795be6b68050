"""Sessions in a Redis that both use: what one server does there the other sees."""

from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from redis import Redis

from tests.system.parity.options import Setup
from tests.system.parity.servers import NewPlace, Pair
from tests.system.parity.side import Caller

from .together import at, either, in_order, together

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def pair(
    new_place: NewPlace, new_redis: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """The original came first: a database without a table of sessions, keys as it makes them."""
    folder = tmp_path_factory.mktemp("storage")
    setup = Setup({"secondaryStorage": True})
    with together(setup, new_place(folder), folder, new_redis, cheap_hashes=True) as started:
        yield started


@either
async def test_what_one_server_does_the_other_sees(pair: Pair, first: str) -> None:
    here, there = in_order(pair, first)
    email = f"{first}@example.com"
    phone = await here.signed_up(email)
    laptop = there.browser()
    await laptop.sign_in(email)
    assert await _session(phone)
    assert await _session(at(there, phone)) == await _session(phone)
    assert await _session(at(here, laptop)) == await _session(laptop)
    assert len(await _listed(phone)) == 2
    assert await _listed(at(there, phone)) == await _listed(phone)

    await at(there, phone).post("/sign-out", {})
    assert await _session(phone) is None
    assert await _session(laptop)

    tablet = there.browser()
    await tablet.sign_in(email)
    await at(here, tablet).post("/revoke-other-sessions", {})
    assert await _session(at(there, laptop)) is None
    assert await _session(tablet)
    await at(there, tablet).post("/revoke-sessions", {})
    assert await _session(at(here, tablet)) is None


@either
async def test_session_that_is_written_again_is_none_at_either(pair: Pair, first: str) -> None:
    """Each reads the mark that the other sets when all sessions of a user end."""
    here, there = in_order(pair, first)
    email = f"again-{first}@example.com"
    phone = await here.signed_up(email)
    await _session(at(there, phone))
    token = unquote((phone.cookies or {})["better-auth.session_token"]).partition(".")[0]
    with Redis.from_url(here.storage.url) as client:
        (key,) = client.scan_iter(f"*{token}")
        entry = client.get(key)
        await at(there, phone).post("/revoke-sessions", {})
        client.set(key, entry, 60)
    assert await _session(phone) is None
    assert await _session(at(there, phone)) is None
    laptop = here.browser()
    await laptop.sign_in(email)
    assert await _session(at(there, laptop))


async def _session(browser: Caller) -> object:
    return (await browser.get("/get-session")).json


async def _listed(browser: Caller) -> list[str]:
    return [session["token"] for session in (await browser.get("/list-sessions")).json]
