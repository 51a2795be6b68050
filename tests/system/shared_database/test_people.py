"""Whoever is known to one server is known to the other, whichever made the database."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.system.parity.options import Setup
from tests.system.parity.servers import NewPlace, Pair

from .together import NAMES, at, either, in_order, make_tables, together

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", params=NAMES, ids=[f"{name}-made" for name in NAMES])
def pair(
    request: pytest.FixtureRequest, new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("people")
    place = make_tables(request.param, new_place(folder))
    with together(Setup(), place, folder, cheap_hashes=True) as started:
        yield started


@pytest.fixture
def email() -> str:
    return f"{uuid4().hex}@example.com"


@either
@pytest.mark.parametrize("remembered", [True, False])
async def test_cookie_of_one_is_accepted_by_the_other(
    pair: Pair, first: str, email: str, *, remembered: bool
) -> None:
    maker, other = in_order(pair, first)
    await maker.signed_up(email)
    browser = maker.browser()
    await browser.sign_in(email, rememberMe=remembered)
    found = await browser.get("/get-session")
    assert found.json["user"]["email"] == email
    assert (await at(other, browser).get("/get-session")).json == found.json


@either
async def test_bearer_token_of_one_is_accepted_by_the_other(
    pair: Pair, first: str, email: str
) -> None:
    maker, other = in_order(pair, first)
    signed_up = await maker.browser().sign_up(email)
    for token in (signed_up.json["token"], signed_up.header("set-auth-token")):
        found = await other.client(bearer=token).get("/get-session")
        assert found.json["user"] == signed_up.json["user"]


@either
async def test_sign_out_in_one_ends_the_session_in_the_other(
    pair: Pair, first: str, email: str
) -> None:
    here, there = in_order(pair, first)
    browser = await there.signed_up(email)
    kept = at(there, browser)
    assert (await kept.get("/get-session")).json["user"]["email"] == email
    await at(here, browser).post("/sign-out", {})
    assert (await kept.get("/get-session")).json is None


@either
async def test_session_that_one_revokes_is_over_in_the_other(
    pair: Pair, first: str, email: str
) -> None:
    here, there = in_order(pair, first)
    phone = await there.signed_up(email)
    laptop = here.browser()
    await laptop.sign_in(email)
    listed = [await at(side, laptop).get("/list-sessions") for side in (here, there)]
    assert listed[0].json == listed[1].json
    assert len(listed[0].json) == 2
    await laptop.post("/revoke-other-sessions", {})
    assert (await at(there, phone).get("/get-session")).json is None
    assert (await at(there, laptop).get("/get-session")).json["user"]["email"] == email


@either
async def test_what_one_changes_of_a_user_the_other_shows(
    pair: Pair, first: str, email: str
) -> None:
    here, there = in_order(pair, first)
    browser = await there.signed_up(email)
    await at(here, browser).post("/update-user", {"name": "Ada King"})
    assert (await browser.get("/get-session")).json["user"]["name"] == "Ada King"
    change = {"currentPassword": "correct horse battery", "newPassword": "a newer horse"}
    assert (await at(here, browser).post("/change-password", change)).status == 200
    assert (await there.browser().sign_in(email)).status == 401
    assert (await there.browser().sign_in(email, password="a newer horse")).status == 200


async def test_both_write_at_the_same_moment(pair: Pair, email: str) -> None:
    original, ours = pair.sides()
    browser = await original.signed_up(email)
    sides = [original, ours] * 6
    answers = await asyncio.gather(*(side.browser().sign_in(email) for side in sides))
    assert [answer.status for answer in answers] == [200] * len(sides)
    tokens = {answer.json["token"] for answer in answers}
    listed = (await at(ours, browser).get("/list-sessions")).json
    assert {session["token"] for session in listed} > tokens
