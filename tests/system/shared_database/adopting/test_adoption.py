"""Ten thousand people of a Node server: adopted by `migrate`, served here, then there again."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import Struct

from tests.commands.program import run
from tests.system.parity.database import Place
from tests.system.parity.options import Setup
from tests.system.parity.servers import Backing, NewPlace, original_alone, ours_alone
from tests.system.parity.side import Caller, Side
from tests.system.shared_database.dumps import dump, dump_only
from tests.system.shared_database.together import at

from .neighbour import (
    COUNT,
    FOREIGN,
    email_of,
    fill,
    is_banned,
    is_guarded,
    password_of,
    some_people,
)

pytestmark = pytest.mark.anyio

SETUP = Setup(original={"guards": True})
EARLY = "early@example.com"
BANNED = next(n for n in range(COUNT) if is_banned(n))
GUARDED = next(n for n in range(COUNT) if is_guarded(n))


class Adopted(Struct):
    """Both servers, what `migrate` said, and the database as it was before and after."""

    original: Side
    ours: Side
    place: Place
    early: Caller  # signed in before anything of ours was there
    pending: str
    report: str
    dumps: dict[str, str]


@pytest.fixture(scope="module")
def adopted(new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adopted]:
    folder = tmp_path_factory.mktemp("adoption")
    place = new_place(folder)
    backing = Backing(lambda _: place, lambda: "")
    folders = {name: folder / name for name in ("original", "migrate", "ours")}
    for each in folders.values():
        each.mkdir()
    given = {"DATABASE_URL": place.database_url, "BETTER_AUTH_SECRET": SETUP.secret}
    with ExitStack() as stack:
        original = stack.enter_context(original_alone(SETUP, folders["original"], backing))
        there = original.side(SETUP)
        asyncio.run(fill(place))
        early = asyncio.run(there.signed_up(EARLY))
        dumps = {"before": dump(place), "foreign": dump_only(place, *FOREIGN)}
        check = run(folders["migrate"], "migrate", "--check", **given)
        dumps["checked"] = dump(place)
        done = run(folders["migrate"], "migrate", **given)
        assert (check.returncode, done.returncode) == (1, 0), check.stderr + done.stderr
        dumps["after"] = dump(place, ours=False)
        ours = stack.enter_context(ours_alone(SETUP, folders["ours"], backing)).side(SETUP)
        yield Adopted(there, ours, place, early, check.stdout, done.stdout, dumps)


async def test_migrate_tells_whom_it_will_refuse(adopted: Adopted) -> None:
    assert "would adopt the tables of Better Auth as they are" in adopted.pending
    assert "adopted the existing tables of Better Auth" in adopted.report
    counted = {n: sum(map(n, range(COUNT))) for n in (is_banned, is_guarded)}
    for told in (adopted.pending, adopted.report):
        assert f"\n{counted[is_banned]} with banned set: refused at sign-in" in told
        assert f"\n{counted[is_guarded]} with twoFactorEnabled set: refused" in told
        assert told.count("set BETTER_AUTH_PLUGINS=admin,two-factor\n") == 2


async def test_check_writes_nothing(adopted: Adopted) -> None:
    assert adopted.dumps["checked"] == adopted.dumps["before"]


async def test_migrate_only_adds_two_tables_of_its_own(adopted: Adopted) -> None:
    before = adopted.dumps["before"]
    assert before.count("person") > 3 * COUNT
    assert all(name in before for name in ("alembic_version", "invoice", "paying", "ship it"))
    assert adopted.dumps["after"] == before


async def test_a_dozen_people_sign_in_here_then_at_the_original(adopted: Adopted) -> None:
    people = some_people(12)
    assert {password_of(n) for n in people} == {password_of(n) for n in range(COUNT)}
    stored = await adopted.ours.sql("SELECT * FROM account ORDER BY id")
    for side in (adopted.ours, adopted.original):
        answers = await asyncio.gather(*(_sign_in(side, person) for person in people))
        assert [answer["user"]["email"] for answer in answers] == [email_of(n) for n in people]
    assert await adopted.ours.sql("SELECT * FROM account ORDER BY id") == stored


async def test_wrong_password_of_an_adopted_person_is_refused(adopted: Adopted) -> None:
    answer = await adopted.ours.browser().sign_in(email_of(1), password=password_of(2))
    assert (answer.status, answer.json["code"]) == (401, "INVALID_EMAIL_OR_PASSWORD")


async def test_who_was_signed_in_still_is(adopted: Adopted) -> None:
    found = (await at(adopted.ours, adopted.early).get("/get-session")).json
    assert found["user"]["email"] == EARLY
    assert found["session"]["token"] == (await _session(adopted.early))["token"]


@pytest.mark.parametrize(
    ("person", "code"), [(BANNED, "BANNED_USER"), (GUARDED, "TWO_FACTOR_REQUIRED")]
)
async def test_whom_a_plugin_guards_is_refused_here(
    adopted: Adopted, person: int, code: str
) -> None:
    credentials = {"password": password_of(person)}
    answer = await adopted.ours.browser().sign_in(email_of(person), **credentials)
    assert (answer.status, answer.json["code"]) == (403, code)
    assert answer.all("set-cookie") == []


async def test_the_original_guards_them_in_its_own_way(adopted: Adopted) -> None:
    banned = await adopted.original.browser().sign_in(
        email_of(BANNED), password=password_of(BANNED)
    )
    assert (banned.status, banned.json["code"]) == (403, "BANNED_USER")
    guarded = await _sign_in(adopted.original, GUARDED)
    assert guarded["twoFactorRedirect"] is True


async def test_ban_that_ran_out_counts_here_until_the_original_clears_it(adopted: Adopted) -> None:
    person = BANNED + 100
    email, credentials = email_of(person), {"password": password_of(person)}
    over = adopted.place.moment(datetime(2024, 3, 1, tzinfo=UTC))
    await adopted.original.sql('UPDATE "user" SET "banExpires" = ? WHERE email = ?', over, email)
    sides = (adopted.ours, adopted.original, adopted.ours)
    answers = [await side.browser().sign_in(email, **credentials) for side in sides]
    assert [answer.status for answer in answers] == [403, 200, 200]


async def test_session_of_a_guarded_person_counts_here_but_gives_no_token(
    adopted: Adopted,
) -> None:
    email = "guarded@example.com"
    here = at(adopted.ours, await adopted.original.signed_up(email))
    guard = 'UPDATE "user" SET "twoFactorEnabled" = ? WHERE email = ?'
    await adopted.original.sql(guard, True, email)
    assert (await here.get("/get-session")).json["user"]["email"] == email
    refused = await here.get("/token")
    assert (refused.status, refused.json["code"]) == (403, "TWO_FACTOR_REQUIRED")


async def test_who_signs_up_here_is_a_user_of_the_original_with_its_plugins(
    adopted: Adopted,
) -> None:
    signed_up = await adopted.ours.browser().sign_up("late@example.com")
    assert signed_up.status == 200
    signed_in = await adopted.original.browser().sign_in("late@example.com")
    assert signed_in.json["user"]["id"] == signed_up.json["user"]["id"]


async def test_what_others_keep_there_is_left_alone_while_it_serves(adopted: Adopted) -> None:
    await _sign_in(adopted.ours, 1)
    assert dump_only(adopted.place, *FOREIGN) == adopted.dumps["foreign"]
    assert "ship it" in adopted.dumps["foreign"]


async def _sign_in(side: Side, person: int) -> dict[str, Any]:
    answer = await side.client().sign_in(email_of(person), password=password_of(person))
    assert answer.status == 200, answer.body
    decoded: dict[str, Any] = answer.json
    return decoded


async def _session(browser: Caller) -> dict[str, object]:
    found: dict[str, object] = (await browser.get("/get-session")).json["session"]
    return found
