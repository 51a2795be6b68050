"""A real database of both engines that is late, read-only, unsafe, or full of old rows."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from app.bridge.database_url import PostgresUrl, parse_database_url
from app.models import clock
from app.models.clock import to_iso
from app.schema.state import inspect_schema
from app.server.doctor.database_checks import (
    inspect_clock,
    inspect_rows,
    inspect_sqlite,
    inspect_state,
    inspect_writing,
    judge_clock,
)
from app.server.doctor.finding import Result
from app.server.doctor.postgres_checks import _judge_network, _judge_release, inspect_postgres
from app.server.plugins import derive_requirements
from app.settings.settings import Settings
from app.storage.database import Database, open_database
from tests.server.doctor.findings import by_result, only, worst
from tests.support.postgres import execute, running_postgres
from tests.support.secret import STRONG_SECRET
from tests.support.service import serve
from tests.support.tables import TABLES, verifications

pytestmark = pytest.mark.anyio

SETTINGS = Settings(secret=STRONG_SECRET)
REQUIRED = derive_requirements(SETTINGS)


async def count(database: Database) -> int:
    rows = await database.read_all(text("SELECT count(*) FROM verification"))
    return int(rows[0][0])


async def test_write_test_leaves_nothing(database: Database) -> None:
    assert only(await inspect_writing(database, TABLES)).result == Result.OK
    assert await count(database) == 0


async def test_sqlite_file_that_cannot_be_written_is_told(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    database = await open_database(sqlite_url)
    with sqlite3.connect(path) as other:
        refuse = "BEGIN SELECT RAISE(ABORT, 'full'); END"
        other.execute(f"CREATE TRIGGER full BEFORE INSERT ON verification {refuse}")
    try:
        found = only(await inspect_writing(database, TABLES))
    finally:
        await database.close()
    assert (found.result, found.line) == (Result.WRONG, "no row can be written: full")


async def test_user_of_postgres_who_may_not_write_is_told(postgres_url: str) -> None:
    name = postgres_url.partition("?")[0].rpartition("/")[2]
    await execute(postgres_url, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    database = await open_database(postgres_url)
    try:
        found = only(await inspect_writing(database, TABLES))
    finally:
        await database.close()
    assert found.result == Result.WRONG
    assert "read-only" in found.line


async def test_schema_is_current_until_a_table_is_dropped(database: Database) -> None:
    state = await inspect_schema(database, REQUIRED)
    assert only(await inspect_state(database, state)).result == Result.OK
    async with database.begin() as tx:
        await tx.execute(text("DROP TABLE jwks"))
    lost = only(await inspect_state(database, state))
    assert (lost.result, lost.line) == (Result.WRONG, "another program dropped: jwks")


async def test_schema_of_nobody_is_to_be_migrated(empty_database_url: str) -> None:
    if path := empty_database_url.partition("sqlite:///")[2]:
        Path(path).touch()
    database = await open_database(empty_database_url)
    try:
        found = only(await inspect_state(database, await inspect_schema(database, REQUIRED)))
    finally:
        await database.close()
    assert (found.result, str(found.remedy)[-9:]) == (Result.WRONG, " migrate`")


@pytest.mark.engines("postgres")
@pytest.mark.parametrize(
    ("seconds", "expected", "told"),
    [
        (0, Result.OK, "agrees"),
        (10, Result.WARNING, "this machine is 10 s ahead of the database"),
        (-10, Result.WARNING, "this machine is 10 s behind the database"),
        (120, Result.WRONG, "this machine is 120 s ahead of the database"),
    ],
)
async def test_clock_of_this_machine_is_compared(
    database: Database, seconds: int, expected: Result, told: str
) -> None:
    skewed = timedelta(seconds=seconds)
    found = only(await inspect_clock(database, now=lambda: clock.now() + skewed))
    assert found.result == expected
    assert told in found.line


def test_time_that_may_be_old_is_not_behind() -> None:
    read = clock.now()
    late = read - timedelta(seconds=3)
    assert judge_clock("it", late, (read, read)).result == Result.WARNING
    assert judge_clock("it", late, (read, read), timedelta(seconds=2)).result == Result.OK


async def test_clock_of_a_file_is_that_of_the_machine(sqlite_database: Database) -> None:
    assert only(await inspect_clock(sqlite_database)).result == Result.OK


async def test_rows_that_expired_long_ago_are_counted(database: Database) -> None:
    await serve(database)
    state = await inspect_schema(database, REQUIRED)
    assert worst(await inspect_rows(database, SETTINGS, state)) == Result.OK
    old = to_iso(clock.now() - timedelta(days=3))
    rows = [
        {
            "id": f"v{number}",
            "identifier": "x",
            "value": "x",
            "expiresAt": old,
            "createdAt": old,
            "updatedAt": old,
        }
        for number in range(5)
    ]
    async with database.begin() as tx:
        await tx.execute(insert(verifications), rows)
    told = by_result(await inspect_rows(database, SETTINGS, state, most=6))
    assert "verifications: 5 expired rows: None" in told[Result.OK]
    (line,) = by_result(await inspect_rows(database, SETTINGS, state, most=5))[Result.WARNING]
    assert line.startswith("verifications: 5 expired rows or more: run `")


async def test_tables_whose_rows_stay_say_why(database: Database) -> None:
    kept = Settings(secret=STRONG_SECRET, session_cleanup=False)
    state = await inspect_schema(database, REQUIRED)
    lines = by_result(await inspect_rows(database, kept, state))[Result.OK]
    assert any("SESSION_CLEANUP" in line for line in lines)


async def test_journal_mode_is_told_and_left_as_it_is(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    for mode in ("wal", "delete"):
        with sqlite3.connect(path) as other:
            other.execute(f"PRAGMA journal_mode={mode}")
        other.close()
        database = await open_database(sqlite_url, unchanged=True)
        try:
            assert f"journal mode {mode}" in only(await inspect_sqlite(database)).line
            assert only(await inspect_writing(database, TABLES)).result == Result.OK
        finally:
            await database.close()
        with sqlite3.connect(path) as other:
            assert other.execute("PRAGMA journal_mode").fetchone() == (mode,)
        other.close()


def parsed(url: str, *, prepared: bool | None = None) -> PostgresUrl:
    found = parse_database_url(url, prepared=prepared)
    assert isinstance(found, PostgresUrl)
    return found


async def test_server_that_may_lose_writes_is_told(postgres_url: str) -> None:
    """That of the tests is fast, and not safe."""
    database = await open_database(postgres_url)
    try:
        found = by_result(await inspect_postgres(database, parsed(postgres_url), SETTINGS))
    finally:
        await database.close()
    assert any("fsync or full_page_writes is off" in line for line in found[Result.WRONG])
    # Own connections set it; those of a pooler are others'.
    assert any("synchronous_commit is on" in line for line in found[Result.OK])
    pooled = await open_database(postgres_url, prepared=False)
    try:
        url = parsed(postgres_url, prepared=False)
        found = by_result(await inspect_postgres(pooled, url, SETTINGS))
    finally:
        await pooled.close()
    assert "a pooler is in between" in found[Result.UNCHECKED][0]
    assert any("synchronous_commit is off" in line for line in found[Result.WARNING])


@pytest.fixture(scope="module")
def safe_server() -> Iterator[str]:
    with running_postgres("max_connections = 25\n") as url:
        yield url


async def test_safe_server_is_fine_until_there_are_too_many_workers(safe_server: str) -> None:
    database = await open_database(safe_server)
    many = Settings(secret=STRONG_SECRET, workers=2)
    try:
        assert worst(await inspect_postgres(database, parsed(safe_server), SETTINGS)) == Result.OK
        found = by_result(await inspect_postgres(database, parsed(safe_server), many))
    finally:
        await database.close()
    (line,) = found[Result.WARNING]
    assert line.startswith("this node opens up to 40 connections, and the server allows 25")


@pytest.mark.parametrize(
    ("address", "is_encrypted", "told"),
    [
        (None, False, False),
        ("127.0.0.1", False, False),
        ("10.0.0.5", True, False),
        ("10.0.0.5", False, True),
    ],
)
def test_connection_that_others_can_read(
    address: str | None, is_encrypted: bool, told: bool
) -> None:
    url = parsed("postgresql://u:hunter2@db.example.com/app")
    found = [*_judge_network(address, url, is_encrypted=is_encrypted)]
    assert [each.result for each in found] == ([Result.WARNING] if told else [])
    assert "hunter2" not in str(found)


def test_release_without_corrections_is_told() -> None:
    assert only(_judge_release(130_020)).result == Result.WARNING
    assert only(_judge_release(160_004)).line == "PostgreSQL 16.4"
