"""Which rows are listed and which are ended, whatever the table holds."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from app.auth.sessions.database_store import DatabaseSessions
from app.auth.sessions.store import LISTED, SessionStore
from app.models.clock import now as clock
from app.models.clock import to_iso
from app.models.mappers import make_mappers
from app.settings.settings import Settings
from app.storage.database import Database
from tests.support.rows import add_session, add_user, record_nothing
from tests.support.service import serve
from tests.support.tables import TABLES, restrictions, sessions

pytestmark = pytest.mark.anyio


def store_of(database: Database) -> SessionStore:
    return DatabaseSessions(
        database,
        make_mappers(Settings(secret="").additional_fields, database.dialect, TABLES),
        restrictions(),
    )


async def table_of(database: Database, now: datetime) -> SessionStore:
    """Two sessions of Ada, one of them expired, and one of Eve."""
    later = to_iso(now + timedelta(days=1))
    for user in ("ada", "eve"):
        await add_user(database, user)
        await add_session(database, user, f"{user}-live", expiresAt=later)
    await add_session(database, "ada", "ada-expired", expiresAt=to_iso(now))
    return store_of(database)


async def tokens(database: Database) -> set[str]:
    service = await serve(database)
    return {row["token"] for row in await service.rows(sessions)}


async def test_unexpired_sessions_of_the_user_are_listed_and_no_others(database: Database) -> None:
    now = clock()
    store = await table_of(database, now)
    assert [session.token for session in await store.list_active("ada", now)] == ["ada-live"]
    assert await store.list_active("nobody", now) == []


async def test_session_expires_at_its_moment(database: Database) -> None:
    now = clock()
    await add_user(database, "ada")
    await add_session(database, "ada", "one", expiresAt=to_iso(now + timedelta(milliseconds=1)))
    store = store_of(database)
    assert len(await store.list_active("ada", now)) == 1
    assert await store.list_active("ada", now + timedelta(milliseconds=1)) == []


async def test_at_most_a_hundred_are_listed_and_expired_ones_take_no_place(
    database: Database,
) -> None:
    now = clock()
    await add_user(database, "ada")
    later = to_iso(now + timedelta(days=1))
    for number in range(LISTED + 2):
        expired = number in (0, 1)
        expiry = to_iso(now - timedelta(days=1)) if expired else later
        await add_session(database, "ada", f"{number}", expiresAt=expiry)
    listed = await store_of(database).list_active("ada", now)
    assert {session.token for session in listed} == {str(n) for n in range(2, LISTED + 2)}
    await add_session(database, "ada", "one-more", expiresAt=later)
    assert len(await store_of(database).list_active("ada", now)) == LISTED


async def test_expiry_that_cannot_be_read_is_past(sqlite_database: Database) -> None:
    now = clock()
    store = await table_of(sqlite_database, now)
    async with sqlite_database.begin() as tx:
        await tx.execute(text("UPDATE session SET \"expiresAt\" = 'garbage'"))
    assert await store.list_active("ada", now) == []


async def test_one_is_ended_and_the_others_stay(database: Database) -> None:
    store = await table_of(database, clock())
    await store.end("ada-live", record_nothing, user_id="ada")
    assert await tokens(database) == {"ada-expired", "eve-live"}


@pytest.mark.parametrize(
    "token", ["eve-live", "unknown", "", "%", "ada-live\0", "\ufffd", "' OR 1"]
)
async def test_foreign_and_unknown_tokens_end_nothing(database: Database, token: str) -> None:
    store = await table_of(database, clock())
    await store.end(token, record_nothing, user_id="ada")
    assert await tokens(database) == {"ada-live", "ada-expired", "eve-live"}


async def test_all_are_those_of_the_user(database: Database) -> None:
    store = await table_of(database, clock())
    await store.end_all("ada", record_nothing)
    assert await tokens(database) == {"eve-live"}


async def test_others_are_more_than_a_list_holds(database: Database) -> None:
    now = clock()
    store = await table_of(database, now)
    for number in range(LISTED + 5):
        await add_session(database, "ada", f"{number}", expiresAt=to_iso(now + timedelta(days=1)))
    await store.end_all("ada", record_nothing, but="ada-live")
    assert await tokens(database) == {"ada-live", "eve-live"}
