"""The full round with each application: whoever is known to one server is known to the other."""

import json
import re
from base64 import urlsafe_b64decode
from datetime import datetime
from uuid import uuid4

import pytest

from tests.system.parity.side import PASSWORD, Caller
from tests.system.shared_database.together import at

from .applications import Application
from .conftest import EARLY, LATE, Adopted, open_bridge

pytestmark = pytest.mark.anyio

NEW_PASSWORD = "a newer horse battery"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

either = pytest.mark.parametrize("first", ["node", "ours"])


@pytest.fixture
def email() -> str:
    return f"{uuid4().hex}@example.com"


async def test_adoption_leaves_every_row_as_it_was(adopted: Adopted) -> None:
    before, after = adopted.before.rows, adopted.after.rows
    assert sum(map(len, before.values())) >= 4, "a user, a session, an account and a key"
    assert {table: after[table] for table in before} == before


async def test_adoption_changes_no_definition(adopted: Adopted) -> None:
    assert adopted.before.list_changes(adopted.after) == []
    gained = adopted.before.list_gains(adopted.after)
    assert {name for name in gained if "better_auth" not in name} == adopted.application.gains
    definitions = [adopted.after.definitions[name] for name in adopted.application.gains]
    assert not any("NOT NULL" in each for each in definitions)


async def test_session_from_before_is_one_here(adopted: Adopted) -> None:
    found = await _session(at(adopted.ours, adopted.known["node"]))
    assert found == await _session(adopted.known["node"])
    assert found["email"] == EARLY


async def test_bridge_knows_the_sessions_of_both(adopted: Adopted) -> None:
    """On the database and with the names of the service."""
    async with open_bridge(adopted) as table:
        await table.check()
        for browser in adopted.known.values():
            session = await _session(browser)
            user = await table.find_user(str(session["token"]))
            assert user is not None
            assert (user.id, user.email, user.name) == tuple(
                session[name] for name in ("id", "email", "name")
            )
            expires_at = datetime.fromisoformat(str(session["expiresAt"]))
            assert user["exp"] == int(expires_at.timestamp())
            assert await table.is_alive(str(session["session"]), user.id)
        assert await table.find_user("unknown") is None


async def test_user_from_before_signs_in_here(adopted: Adopted) -> None:
    browser = adopted.ours.browser()
    assert (await browser.sign_in(EARLY)).status == 200
    assert await _session(at(adopted.node, browser)) == await _session(browser)


@either
async def test_who_signed_up_at_one_signs_in_at_the_other(
    adopted: Adopted, first: str, email: str
) -> None:
    maker, other = adopted.in_order(first)
    assert (await maker.browser().sign_up(email)).status == 200
    browser = other.browser()
    assert (await browser.sign_in(email)).status == 200
    assert (await other.browser().sign_in(email, password="another horse")).status == 401
    assert await _session(at(maker, browser)) == await _session(browser)


async def test_cookie_from_here_is_accepted_by_the_node_server(adopted: Adopted) -> None:
    found = await _session(at(adopted.node, adopted.known["ours"]))
    assert found == await _session(adopted.known["ours"])
    assert found["email"] == LATE


@either
@pytest.mark.parametrize("whose", ["node", "ours"])
async def test_what_one_changes_of_a_user_the_other_shows(
    adopted: Adopted, first: str, whose: str
) -> None:
    here, there = adopted.in_order(first)
    browser, name = adopted.known[whose], f"Ada {first}"
    changed = await at(here, browser).post("/update-user", {"name": name})
    assert changed.status == 200
    assert (await at(there, browser).get("/get-session")).json["user"]["name"] == name


@either
async def test_password_changed_at_one_is_taken_by_the_other(
    adopted: Adopted, first: str, email: str
) -> None:
    here, there = adopted.in_order(first)
    browser = await there.signed_up(email)
    change = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    changed = await at(here, browser).post(
        "/change-password", {**change, "revokeOtherSessions": True}
    )
    assert changed.status == 200
    assert (await browser.get("/get-session")).json is None, "the others are revoked"
    assert (await there.browser().sign_in(email)).status == 401
    assert (await there.browser().sign_in(email, password=NEW_PASSWORD)).status == 200


@either
async def test_token_of_one_carries_a_key_that_both_publish(adopted: Adopted, first: str) -> None:
    maker, other = adopted.in_order(first)
    browser = adopted.known[first]
    user = (await browser.get("/get-session")).json["user"]["id"]
    published = [(await side.client().get("/jwks")).json["keys"] for side in (maker, other)]
    kids = [{key["kid"] for key in keys} for keys in published]
    assert kids[0] == kids[1]
    for side in (maker, other):
        token = (await at(side, browser).get("/token")).json["token"]
        head, claims = (_decode(part) for part in token.split(".")[:2])
        assert claims["sub"] == user
        assert head["kid"] in kids[0]


@either
async def test_both_list_the_same_sessions(adopted: Adopted, first: str) -> None:
    here, there = adopted.in_order(first)
    phone = adopted.known[first]
    laptop = there.browser()
    signed_in = await laptop.sign_in(EARLY if first == "node" else LATE)
    listed = [await _listed(at(side, phone)) for side in (here, there)]
    assert listed[0] == listed[1]
    assert signed_in.status == 200
    assert len(listed[0]) >= 2


@either
async def test_sign_out_at_one_ends_the_session_at_the_other(
    adopted: Adopted, first: str, email: str
) -> None:
    here, there = adopted.in_order(first)
    browser = await there.signed_up(email)
    kept = at(there, browser)
    assert (await at(here, browser).post("/sign-out", {})).status == 200
    assert (await kept.get("/get-session")).json is None


@either
async def test_link_of_one_resets_the_password_at_the_other(
    adopted: Adopted, first: str, email: str
) -> None:
    """What it refers to is stored as a verification, with an expiry."""
    here, there = adopted.in_order(first)
    await there.signed_up(email)
    path = "/request-password-reset"
    if here is adopted.node and adopted.application.name in {"1.0", "1.2"}:
        path = "/forget-password"
    asked = await here.browser().post(path, {"email": email, "redirectTo": "/reset"})
    assert asked.status == 200
    if here is adopted.ours:
        await here.mail(email)  # which is sent when the answer has left
    reset = {"token": await _reset_token(adopted), "newPassword": NEW_PASSWORD}
    assert (await there.browser().post("/reset-password", reset)).status == 200
    assert (await here.browser().sign_in(email, password=NEW_PASSWORD)).status == 200
    assert (await here.browser().post("/reset-password", reset)).status == 400, "it is spent"


async def test_rows_that_are_written_here_look_as_those_of_the_node_server(
    adopted: Adopted,
) -> None:
    """In the column's own form: integers stay integers, and seconds stay seconds."""
    for table in adopted.application.tables:
        theirs, mine = [await _row(adopted, table, email) for email in (EARLY, LATE)]
        theirs.pop("role", None)  # the admin plugin writes one, and takes NULL for the same
        mine.pop("role", None)
        assert _shapes(mine) == _shapes(theirs), table


async def test_new_ids_are_as_the_node_server_makes_them(adopted: Adopted) -> None:
    for table in adopted.application.tables:
        row = await _row(adopted, table, LATE)
        assert bool(UUID.fullmatch(str(row["id"]))) == adopted.application.has_uuids


async def _session(browser: Caller) -> dict[str, object]:
    """What versions of Better Auth agree in."""
    found = (await browser.get("/get-session")).json
    user, session = found["user"], found["session"]
    return {
        **{name: user[name] for name in ("id", "name", "email", "emailVerified")},
        **{f"user.{name}": user[name] for name in ("createdAt", "updatedAt")},
        **{name: session[name] for name in ("token", "expiresAt", "createdAt", "updatedAt")},
        "session": session["id"],
    }


async def _listed(browser: Caller) -> list[tuple[str, str]]:
    found = (await browser.get("/list-sessions")).json
    return sorted((session["token"], session["expiresAt"]) for session in found)


async def _reset_token(adopted: Adopted) -> str:
    application = adopted.application
    table, column = _quote(application, application.verifications), application.identifier
    rows = await adopted.place.run(f'SELECT "{column}" AS identifier FROM {table}')
    (found,) = [row["identifier"] for row in rows if "reset-password:" in row["identifier"]]
    return str(found).removeprefix("reset-password:")


def _decode(part: str) -> dict[str, str]:
    decoded: dict[str, str] = json.loads(urlsafe_b64decode(part + "=="))
    return decoded


async def _row(adopted: Adopted, table: str, email: str) -> dict[str, object]:
    application = adopted.application
    users = _quote(application, application.tables[0])
    where = f'"{application.email}" = ?'
    if table != application.tables[0]:
        where = f'"{application.owner}" IN (SELECT id FROM {users} WHERE {where})'
    rows = await adopted.place.run(
        f"SELECT * FROM {_quote(application, table)} WHERE {where}", email
    )
    return rows[0]


def _quote(application: Application, table: str) -> str:
    return f'"{application.schema}"."{table}"' if application.schema else f'"{table}"'


def _shapes(row: dict[str, object]) -> dict[str, str]:
    """Of each value: its type, how many digits an integer has, and how a time is written."""
    return {name: _shape(value) for name, value in row.items() if name != "id"}


def _shape(value: object) -> str:
    if isinstance(value, int):
        return f"{type(value).__name__} of {len(str(value))} digits"
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return re.sub(r"\d", "0", value.replace("+00:00", "Z"))
    return type(value).__name__
