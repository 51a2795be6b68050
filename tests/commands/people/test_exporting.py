"""What is exported is what an import reads, so that nothing is lost on the way."""

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from app.auth.restrictions import Restrictions
from app.commands.people import exporting
from app.commands.people.csv_table import CsvWriter
from app.commands.people.exporting import Export
from app.commands.people.json_lines import JsonLinesWriter
from app.models.layout import TableLayout
from app.models.mappers import make_mappers
from app.schema.migrate import migrate
from app.schema.state import inspect_schema
from app.server.plugins import derive_requirements
from app.settings.options import UserOptions
from app.settings.settings import Settings
from app.storage.database import Database, open_database
from tests.commands.people.file import HASHES, MOMENT, import_from, jsonl, person
from tests.support.additional import USER_FIELDS
from tests.support.rows import add_user
from tests.support.service import SECRET, serve
from tests.support.tables import TABLES, accounts

pytestmark = pytest.mark.anyio

PLAIN = Settings(secret=SECRET)
GROWN = Settings(secret=SECRET, user=UserOptions(additional_fields=USER_FIELDS))
EVERYBODY = [
    person(f"{kind}@example.com", id=f"id-{number}", passwordHash=hashed, emailVerified=True)
    for number, (kind, hashed) in enumerate(HASHES.items())
]


async def exported(database: Database, settings: Settings = PLAIN, *, csv: bool = False) -> bytes:
    mapper = make_mappers(settings.additional_fields, database.dialect, TABLES).user
    state = await inspect_schema(database, derive_requirements(settings))
    marks = Restrictions(state.restrictions, mapper.table, TableLayout("user"))
    export, file = Export(database, mapper, marks, TABLES), io.BytesIO()
    people = CsvWriter(file, export.names) if csv else JsonLinesWriter(file)
    async for page in export.read_pages():
        people.add(page)
    people.flush()
    return file.getvalue()


@asynccontextmanager
async def another(url: str, settings: Settings = PLAIN) -> AsyncIterator[Database]:
    await migrate(url, derive_requirements(settings))
    opened = await open_database(url)
    try:
        yield opened
    finally:
        await opened.close()


async def test_person_is_a_line_with_every_field_in_order(
    database: Database, tmp_path: Path
) -> None:
    given = person(id="u1", passwordHash=HASHES["bcrypt"], createdAt=MOMENT)
    await import_from(database, jsonl(given), tmp_path)
    assert list(json.loads(await exported(database)).items()) == [
        ("id", "u1"),
        ("email", "ada@example.com"),
        ("name", "Ada"),
        ("emailVerified", False),
        ("image", None),
        ("createdAt", MOMENT),
        ("updatedAt", MOMENT),
        ("passwordHash", HASHES["bcrypt"]),
    ]


@pytest.mark.parametrize("csv", [False, True])
async def test_export_into_an_empty_database_is_the_same_and_everybody_signs_in(
    database: Database, empty_database_url: str, tmp_path: Path, csv: bool
) -> None:
    odd = person("none@example.com", id="odd", name='Zoë "Z",\r\n😀', image="x", createdAt=MOMENT)
    await import_from(database, jsonl(*EVERYBODY, odd), tmp_path)
    first = await exported(database, csv=csv)
    async with another(empty_database_url) as empty:
        done = await import_from(empty, first, tmp_path, csv=csv)
        assert done.counts == (len(EVERYBODY) + 1, 0, 0)
        assert await exported(empty, csv=csv) == first
        service = await serve(empty)
        for kind in HASHES:
            assert (await service.sign_in(f"{kind}@example.com", "password1")).status == 200


@pytest.mark.parametrize("csv", [False, True])
async def test_additional_fields_of_every_type_come_back_equal(
    empty_sqlite_url: str, empty_postgres_url: str, tmp_path: Path, csv: bool
) -> None:
    fields = {
        "role": "admin",
        "age": 5,
        "score": "9007199254740993",
        "tags": ["a", 'b"'],
        "counts": [1, 2.5],
        "note": "hidden",
        "admin": True,
        "newsletter": False,
        "since": MOMENT,
        "prefs": {"a": [None, 1]},
        "plan": "pro",
        "nick": "ada",
    }
    bare = person("bare@example.com", id="u2")
    content = jsonl(person("a@b.co", id="u1") | fields, bare)
    async with another(empty_sqlite_url, GROWN) as one, another(empty_postgres_url, GROWN) as two:
        await import_from(one, content, tmp_path, settings=GROWN)
        first = await exported(one, GROWN, csv=csv)
        done = await import_from(two, first, tmp_path, csv=csv, settings=GROWN)
        assert (done.report, done.counts) == ([], (2, 0, 0))
        second = await exported(two, GROWN)
    (ada, _) = map(json.loads, second.splitlines())
    assert fields.items() <= ada.items()


async def test_everybody_is_exported_once_whatever_the_pages(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 3)
    people = [person(f"u{n}@b.co", id=f"{n:02}") for n in range(9)]
    await import_from(database, jsonl(*people), tmp_path)
    found = [json.loads(line)["id"] for line in (await exported(database)).splitlines()]
    assert found == [each["id"] for each in people]


async def test_user_with_two_passwords_is_one_person(database: Database, tmp_path: Path) -> None:
    await import_from(database, jsonl(person(id="u1", passwordHash=HASHES["bcrypt"])), tmp_path)
    second = {
        "id": "z",
        "accountId": "u1",
        "userId": "u1",
        "providerId": "credential",
        "password": HASHES["scrypt"],
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
    }
    async with database.begin() as tx:
        await tx.execute(insert(accounts), second)
    assert len((await exported(database)).splitlines()) == 1


async def test_marks_of_node_s_plugins_are_told_and_not_imported(
    database: Database, tmp_path: Path
) -> None:
    kind = "boolean" if database.dialect == "postgresql" else "integer"
    async with database.begin() as tx:
        await tx.execute(text(f'ALTER TABLE "user" ADD COLUMN banned {kind}'))
    await add_user(database, "ada")
    await add_user(database, "bob")
    async with database.begin() as tx:
        await tx.execute(text("""UPDATE "user" SET banned = (id = 'ada')"""))
    ada, bob = map(json.loads, (content := await exported(database)).splitlines())
    assert (ada["banned"], bob["banned"]) == (True, False)
    done = await import_from(database, content, tmp_path)
    assert done.counts == (0, 1, 1)
    assert done.report[0]["field"] == "banned"
