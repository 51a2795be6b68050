import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, false, insert, select, text
from sqlalchemy.exc import IntegrityError

import app.tasks.models  # noqa: F401 - so that its table is compared as well
from app.models import column_types
from app.models import tables as models
from app.models.tables import accounts, sessions, users
from app.storage.database import Database
from tests.support.rows import MOMENT, add_session, add_user

pytestmark = pytest.mark.anyio


async def test_moments_are_the_wire_form_in_both_directions(database: Database) -> None:
    await add_user(database, "ada", createdAt="2026-11-21T00:44:05.831Z")
    later = select(users.c.createdAt).where(users.c.createdAt > "2026-11-21T00:44:05.830Z")
    assert await database.read_all(later) == [("2026-11-21T00:44:05.831Z",)]


async def test_flags_are_bools_in_both_directions(database: Database) -> None:
    await add_user(database, "ada", emailVerified=True)
    await add_user(database, "bob", emailVerified=False)
    rows = await database.read_all(select(users.c.id, users.c.emailVerified).order_by(users.c.id))
    assert rows == [("ada", True), ("bob", False)]
    unverified = select(users.c.id).where(users.c.emailVerified == false())
    assert await database.read_all(unverified) == [("bob",)]


async def test_optional_moments_may_be_null(database: Database) -> None:
    await add_user(database, "ada")
    values = {"id": "a", "accountId": "ada", "providerId": "credential", "userId": "ada"}
    async with database.begin() as tx:
        await tx.execute(insert(accounts), values | {"createdAt": MOMENT, "updatedAt": MOMENT})
    assert await database.read_one(select(accounts.c.accessTokenExpiresAt)) == (None,)


async def test_odd_stored_moments_are_read_in_the_wire_form(sqlite_database: Database) -> None:
    async with sqlite_database.begin() as tx:
        await tx.execute(
            text(
                'INSERT INTO "user" VALUES'
                " ('ada', 'Ada', 'a@b.c', 1, NULL, '2026-11-21 00:44:05', '2026-11-21T00:44:05Z')"
            )
        )
    row = await sqlite_database.read_one(select(users.c.createdAt, users.c.updatedAt))
    assert row == ("2026-11-21T00:44:05.000Z", "2026-11-21T00:44:05.000Z")


@pytest.mark.parametrize(
    "damaged",
    [
        "garbage",
        "",
        300_000_000_000_000,
        1e300,
        b"2026-11-21T00:44:05.831Z",
        "2026-11-21Txx:44:05.831Z",
        "0001-01-01T00:00+14:00",
    ],
)
async def test_what_is_no_moment_is_long_past(
    sqlite_database: Database, damaged: str | float | bytes
) -> None:
    await add_user(sqlite_database, "ada")
    async with sqlite_database.begin() as tx:
        await tx.execute(text('UPDATE "user" SET "createdAt" = :damaged'), {"damaged": damaged})
    row = await sqlite_database.read_one(select(users.c.createdAt))
    assert row == ("1970-01-01T00:00:00.000Z",)


async def test_log_tells_once_where_what_is_no_moment_can_be_found(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(column_types, "_logged", set())
    for name in ("ada", "eve"):
        await add_user(sqlite_database, name)
        await add_session(sqlite_database, name, name)
    async with sqlite_database.begin() as tx:
        await tx.execute(text("UPDATE session SET \"expiresAt\" = 'soon' WHERE token = 'eve'"))
    for _ in range(2):
        await sqlite_database.read_all(select(sessions))
    (line,) = [each.getMessage() for each in caplog.records if each.name == "better_auth.models"]
    assert "soon" not in line
    mend = text(line.partition("find them with: ")[2])
    assert await sqlite_database.read_all(mend) == [("id-of-eve", "soon")]


async def test_sqlite_stores_the_text_that_the_original_stores(sqlite_database: Database) -> None:
    await add_user(sqlite_database, "ada", createdAt=MOMENT, emailVerified=True)
    stored = text('SELECT typeof("createdAt"), "createdAt", "emailVerified" FROM "user"')
    assert await sqlite_database.read_one(stored) == ("text", MOMENT, 1)


async def test_a_deleted_user_takes_the_sessions_along(database: Database) -> None:
    await add_user(database, "ada")
    await add_session(database, "ada", "t")
    async with database.begin() as tx:
        await tx.execute(users.delete())
    assert await database.read_all(select(sessions.c.id)) == []


async def test_a_session_needs_its_user(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await add_session(database, "nobody", "t")


async def test_tables_are_those_that_the_migration_makes(database: Database) -> None:
    def is_compared(_thing: object, _name: str | None, kind: str, *_: object) -> bool:
        # SQLite doesn't tell the names of constraints; the tests above see their work.
        return database.dialect == "postgresql" or not kind.endswith("constraint")

    def differences(connection: Connection) -> list[object]:
        options = {"include_name": _is_core, "include_object": is_compared}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, models.metadata))

    async with database.begin() as tx:
        assert await tx.run_sync(differences) == []


async def test_addresses_and_session_tokens_are_unique(database: Database) -> None:
    await add_user(database, "ada")
    await add_session(database, "ada", "t")
    with pytest.raises(IntegrityError):
        await add_user(database, "bob", email="ada@example.com")
    with pytest.raises(IntegrityError):
        await add_session(database, "ada", "t", id="other")


def _is_core(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in models.metadata.tables
