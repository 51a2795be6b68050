"""Usernames, one-time tokens and browsers of several users, of one server, at the other."""

from collections.abc import Iterator

import pytest

from tests.system.parity.options import Setup
from tests.system.parity.servers import NewPlace, Pair
from tests.system.parity.side import PASSWORD, Caller

from .together import at, either, in_order, together

pytestmark = pytest.mark.anyio

SETUP = {
    "plugins": ["username", "one-time-token", "multi-session"],
    "oneTimeToken.storeToken": "hashed",
}
LIST = "/multi-session/list-device-sessions"


@pytest.fixture(scope="module")
def pair(new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("usernames")
    with together(Setup(SETUP), new_place(folder), folder, cheap_hashes=True) as started:
        yield started


async def sign_in(caller: Caller, username: str) -> int:
    body = {"username": username, "password": PASSWORD}
    return (await caller.post("/sign-in/username", body)).status


@either
async def test_username_of_one_server_signs_in_at_the_other(pair: Pair, first: str) -> None:
    here, there = in_order(pair, first)
    ada = await here.signed_up(f"ada-{first}@example.com", username=f"Ada_{first}")
    assert await sign_in(there.browser(), f"ada_{first}") == 200
    taken = await there.browser().sign_up(f"b-{first}@example.com", username=f"ADA_{first}")
    assert (taken.status, taken.json["code"]) == (400, "USERNAME_IS_ALREADY_TAKEN")
    await at(there, ada).post("/update-user", {"username": f"Eve_{first}"})
    assert await sign_in(here.browser(), f"eve_{first}") == 200
    assert await sign_in(here.browser(), f"ada_{first}") == 401
    user = (await ada.get("/get-session")).json["user"]
    assert (user["username"], user["displayUsername"]) == (f"eve_{first}", f"Ada_{first}")


@either
async def test_token_of_one_server_is_good_once_at_the_other(pair: Pair, first: str) -> None:
    here, there = in_order(pair, first)
    ada = await here.signed_up(f"token-{first}@example.com")
    token = (await ada.get("/one-time-token/generate")).json["token"]
    phone = there.browser()
    verified = await phone.post("/one-time-token/verify", {"token": token})
    assert verified.json["user"]["email"] == f"token-{first}@example.com"
    assert (await at(here, phone).get("/get-session")).json["user"] == verified.json["user"]
    for side in (here, there):
        again = await side.browser().post("/one-time-token/verify", {"token": token})
        assert again.status == 400


@either
async def test_browser_of_several_users_switches_at_both(pair: Pair, first: str) -> None:
    here, there = in_order(pair, first)
    emails = [f"one-{first}@example.com", f"two-{first}@example.com"]
    page = here.browser()
    tokens = [(await page.sign_up(email)).json["token"] for email in emails]
    listed = (await at(there, page).get(LIST)).json
    assert [each["user"]["email"] for each in listed] == emails
    switched = at(there, page)
    await switched.post("/multi-session/set-active", {"sessionToken": tokens[0]})
    found = (await at(here, switched).get("/get-session")).json
    assert found["user"]["email"] == emails[0]
    await switched.post("/multi-session/revoke", {"sessionToken": tokens[0]})
    found = (await at(here, switched).get("/get-session")).json
    assert found["user"]["email"] == emails[1]
    await at(here, switched).post("/sign-out", {})
    assert (await at(there, page).get(LIST)).json == []
