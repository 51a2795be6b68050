"""Sessions that are not read again: whoever changes one, the very next request knows."""

import sqlite3
import sys
from contextlib import closing
from datetime import timedelta

import asyncpg
import pytest
from anyio import run_process
from anyio.lowlevel import checkpoint
from sqlalchemy import Table, update

from app.auth.audit.audit import NoAudit
from app.auth.hooks import Hooks
from app.auth.sessions.cookies import RequestCredentials
from app.auth.sessions.database_store import DatabaseSessions
from app.auth.sessions.ends import SessionEnds
from app.auth.sessions.sessions import Sessions
from app.auth.sessions.store import ActiveSession
from app.models.clock import now as clock
from app.models.clock import to_iso
from app.models.errors import StoreUnavailable
from app.models.mappers import make_mappers
from app.settings.options import UserOptions
from app.settings.settings import Settings
from app.storage.database import Database, open_database
from app.storage.sqlite.database import SqliteDatabase
from app.storage.sqlite.file import LOOK_SECONDS
from tests.support.additional import USER_FIELDS, grown
from tests.support.rows import add_session, add_user, record_nothing
from tests.support.sqlite_file import path_of
from tests.support.tables import TABLES, restrictions, sessions, users

pytestmark = pytest.mark.anyio

TOKEN = "ada-token"
SETTINGS = Settings(secret="")
_RUN = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()"


def store_of(database: Database, settings: Settings = SETTINGS) -> DatabaseSessions:
    return DatabaseSessions(
        database,
        make_mappers(settings.additional_fields, database.dialect, TABLES),
        restrictions(),
    )


async def add(database: Database, seconds: float = 60) -> None:
    await add_user(database, "ada")
    later = to_iso(clock() + timedelta(seconds=seconds))
    await add_session(database, "ada", TOKEN, expiresAt=later)


@pytest.fixture
async def store(sqlite_database: Database) -> DatabaseSessions:
    """One that keeps Ada's session, because it was asked for twice."""
    await add(sqlite_database)
    made = store_of(sqlite_database)
    for _ in range(2):
        assert await made.find(TOKEN) is not None
    return made


async def reads_of(store: DatabaseSessions, token: str) -> list[str]:
    """The statements that reach the held connection, besides asking for the version."""
    database, seen = store._database, list[str]()
    assert isinstance(database, SqliteDatabase)
    assert database._held is not None
    database._held._raw.set_trace_callback(seen.append)
    await store.find(token)
    database._held._raw.set_trace_callback(None)
    return [statement for statement in seen if not statement.startswith("PRAGMA")]


async def test_look_at_a_kept_session_reads_nothing(store: DatabaseSessions) -> None:
    assert len(await reads_of(store, "unknown")) == 1
    assert await reads_of(store, TOKEN) == []


async def test_unknown_token_is_looked_for_every_time(
    store: DatabaseSessions, sqlite_database: Database
) -> None:
    assert await store.find("unknown") is None
    await add_session(sqlite_database, "ada", "unknown")
    assert await store.find("unknown") is not None


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DELETE FROM session", None),
        ("""UPDATE "user" SET name = 'Lovelace'""", "Lovelace"),
    ],
)
async def test_commit_of_another_process_is_known_at_once(
    store: DatabaseSessions, sqlite_url: str, statement: str, name: str | None
) -> None:
    await run_process([sys.executable, "-c", _RUN, str(path_of(sqlite_url)), statement])
    found = await store.find(TOKEN)
    assert (None if found is None else found.user.name) == name


async def test_commit_of_this_process_is_known_at_once(store: DatabaseSessions) -> None:
    await store.end(TOKEN, record_nothing)
    assert await store.find(TOKEN) is None


async def test_row_that_changed_while_it_was_read_is_read_again(
    sqlite_database: Database, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(sqlite_database)
    store, real = store_of(sqlite_database), SqliteDatabase.read_version

    def asked(self: SqliteDatabase) -> int | None:
        version = real(self)
        with closing(sqlite3.connect(path_of(sqlite_url))) as other, other:
            other.execute("""UPDATE "user" SET name = name || '!'""")
        return version

    monkeypatch.setattr(SqliteDatabase, "read_version", asked)
    names = []
    for _ in range(4):
        await checkpoint()
        found = await store.find(TOKEN)
        names.append(found and found.user.name)
    assert names == ["Ada!", "Ada!!", "Ada!!!", "Ada!!!!"]


async def test_session_expires_though_nobody_commits(sqlite_database: Database) -> None:
    await add(sqlite_database, seconds=60)
    store = store_of(sqlite_database)
    mapper = make_mappers(SETTINGS.additional_fields, "sqlite", TABLES).session
    resolver = Sessions(
        SessionEnds(store, sqlite_database, Hooks(), NoAudit()), SETTINGS.session, mapper
    )
    credentials = RequestCredentials(TOKEN, dont_remember=True)
    assert isinstance(await resolver.resolve(credentials, clock(), write=False), ActiveSession)
    later = clock() + timedelta(seconds=61)
    assert await resolver.resolve(credentials, later, write=False) is None


async def test_file_that_was_replaced_is_noticed_within_a_second(
    store: DatabaseSessions, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(sqlite_url)
    path.rename(path.with_suffix(".old"))
    database = store._database
    assert isinstance(database, SqliteDatabase)
    looked = database._file._looked
    monkeypatch.setattr(database._file, "_clock", lambda: looked + LOOK_SECONDS)
    with pytest.raises(StoreUnavailable):
        await store.find(TOKEN)


async def test_asking_for_the_version_pins_no_snapshot(
    sqlite_database: Database, sqlite_url: str
) -> None:
    before = sqlite_database.read_version()
    with closing(sqlite3.connect(path_of(sqlite_url))) as other:
        other.execute("CREATE TABLE foreign_table (id)")
        (busy, _, _) = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy
    await checkpoint()
    assert sqlite_database.read_version() != before


async def test_on_postgresql_every_look_is_a_read(
    postgres_database: Database, postgres_url: str
) -> None:
    await add(postgres_database)
    store = store_of(postgres_database)
    for _ in range(3):
        assert await store.find(TOKEN) is not None
    other = await asyncpg.connect(postgres_url)
    await other.execute(f"DELETE FROM {sessions.name}")
    await other.close()
    assert await store.find(TOKEN) is None


async def test_row_that_is_equal_needs_not_be_made_again(database: Database) -> None:
    await add(database)
    store = store_of(database)
    first, second, third = [await store.find(TOKEN) for _ in range(3)]
    assert third is second is not first
    await add_user(database, "eve")  # a commit that changes nothing of the session
    await checkpoint()
    assert await store.find(TOKEN) is second


async def test_row_weighs_what_was_made_of_its_text(database_url: str) -> None:
    """A text that is light enough, of lists that are not, would be kept for each session."""
    async with grown(database_url) as service:
        token = (await service.sign_up(prefs=[[]] * 3500)).json()["token"]
    database = await open_database(database_url)
    settings = Settings(secret="", user=UserOptions(additional_fields=USER_FIELDS))
    store = store_of(database, settings)
    first, second, third = [await store.find(token) for _ in range(3)]
    assert first == second == third is not second
    await database.close()


@pytest.mark.parametrize("table", [sessions, users], ids=["session", "user"])
async def test_row_that_changed_is_made_again(database: Database, table: Table) -> None:
    await add(database)
    store = store_of(database)
    for _ in range(3):
        await store.find(TOKEN)
    time = to_iso(clock() + timedelta(seconds=7))
    async with database.begin() as tx:
        await tx.execute(update(table).values(updatedAt=time))
    await checkpoint()
    found = await store.find(TOKEN)
    assert found is not None
    record = found.session if table is sessions else found.user
    assert record.updated_at == time


async def test_without_wal_every_look_is_a_read(sqlite_url: str) -> None:
    with closing(sqlite3.connect(path_of(sqlite_url))) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN IMMEDIATE")
        database = await open_database(sqlite_url)
        other.rollback()
    assert database.read_version() is None
    await add(database)
    store = store_of(database)
    for _ in range(3):
        await store.find(TOKEN)
    with closing(sqlite3.connect(path_of(sqlite_url))) as other, other:
        other.execute(f"DELETE FROM {sessions.name}")
    assert await store.find(TOKEN) is None
    await database.close()
