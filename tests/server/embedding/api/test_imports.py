"""Users are imported by a call, with their ids and hashes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app import BetterAuth
from tests.commands.people.file import HASHES
from tests.server.embedding.api.opened import opened
from tests.support.audited import read_events

pytestmark = pytest.mark.anyio
CREATED = datetime(2020, 1, 2, tzinfo=UTC)


@pytest.fixture
async def auth(database_url: str) -> AsyncIterator[BetterAuth]:
    async with opened(database_url) as made:
        yield made


async def test_users_come_with_their_ids_and_times(auth: BetterAuth) -> None:
    people: list[dict[str, object]] = [
        {"id": "ada", "email": "ada@example.com", "name": "Ada", "createdAt": CREATED},
        {"email": "b@example.com", "name": "B", "passwordHash": HASHES["bcrypt"]},
    ]
    report = await auth.api.import_users(people)
    assert (report.imported, report.present, report.refused) == (2, 0, ())
    assert (report.without_password, report.hashes) == (1, {"bcrypt": 1})
    assert (await auth.api.get_user("ada")).created_at == "2020-01-02T00:00:00.000Z"
    again = await auth.api.import_users(iter(people))
    assert (again.imported, again.present) == (0, 2)
    (told,) = await read_events(auth.container.database)
    assert (told["event"], told["actor"], told["details"]) == (
        "imported",
        "application",
        {"count": 2},
    )


async def test_wrong_rows_are_refused_by_number_and_the_others_are_in(auth: BetterAuth) -> None:
    people: list[dict[str, object]] = [
        {"email": "no address", "name": "x"},
        {"email": "ada@example.com", "name": "Ada"},
        {"email": "c@example.com", "name": object()},
        {"email": "d@example.com", "name": "D", "passwordHash": "unknown"},
    ]
    report = await auth.api.import_users(people)
    assert report.imported == 1
    assert [(row.line, row.field) for row in report.refused] == [
        (1, "email"),
        (3, "name"),
        (4, "passwordHash"),
    ]


async def test_a_dry_run_writes_nothing(auth: BetterAuth) -> None:
    people = [{"email": "ada@example.com", "name": "Ada"}]
    assert (await auth.api.import_users(people, dry_run=True)).imported == 1
    assert await auth.api.list_users() == []


async def test_a_name_that_is_no_text_refuses_its_row_alone(auth: BetterAuth) -> None:
    people: Any = [{7: "x", "email": "b@example.com"}, {"email": "c@example.com", "name": "C"}]
    report = await auth.api.import_users(people)
    assert report.imported == 1
    assert [str(row) for row in report.refused] == ["line 1: has a name of the type int, not text"]
