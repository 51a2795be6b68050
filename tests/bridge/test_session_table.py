"""Sessions in the database that our service writes, read beside it."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text

from app.bridge import Unavailable
from app.bridge.errors import BannedUser, TwoFactorRequired
from app.bridge.session_table import SessionTable
from app.models.clock import from_iso
from tests.support.pgbouncer import behind_pgbouncer
from tests.support.service import Service, bearer, from_now, serving
from tests.support.sqlite_file import path_of
from tests.support.tables import sessions, users

from .logged import levels

pytestmark = pytest.mark.anyio


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with serving(database_url) as opened:
        yield opened


@pytest.fixture
async def table(database_url: str, service: Service) -> AsyncIterator[SessionTable]:
    """On the service's database, which has both engines in turn."""
    opened = SessionTable(database_url)
    yield opened
    await opened.close()


async def session_token(service: Service) -> str:
    return str((await service.sign_up()).json()["token"])


async def test_user_is_made_of_both_rows(service: Service, table: SessionTable) -> None:
    token = await session_token(service)
    (session,), (row,) = await service.rows(sessions), await service.rows(users)
    user = await table.find_user(token)
    assert user is not None
    assert user.claims == {
        "sub": row["id"],
        "sid": session["id"],
        "email": "ada@example.com",
        "name": "Ada",
        "exp": int(from_iso(session["expiresAt"]).timestamp()),
    }
    assert (user.id, user.session_id) == (row["id"], session["id"])


@pytest.mark.parametrize("token", ["", "unknown", "a\0b", "\udcff", "é" * 5000, "' OR 1=1 --", "%"])
async def test_unknown_token_has_no_user(service: Service, table: SessionTable, token: str) -> None:
    await session_token(service)
    assert await table.find_user(token) is None


async def test_token_is_compared_to_the_letter(service: Service, table: SessionTable) -> None:
    token = await session_token(service)
    assert await table.find_user(token.swapcase()) is None
    assert await table.find_user(token + " ") is None


async def test_expired_session_has_no_user(service: Service, table: SessionTable) -> None:
    token = await session_token(service)
    await service.alter(sessions, expiresAt=from_now(seconds=-1))
    assert await table.find_user(token) is None


async def test_session_that_was_signed_out_has_no_user(
    service: Service, table: SessionTable
) -> None:
    token = await session_token(service)
    assert await table.find_user(token) is not None
    await service.post("/sign-out", {}, bearer(token))
    assert await table.find_user(token) is None


async def test_name_that_changed_is_the_new_one(service: Service, table: SessionTable) -> None:
    token = await session_token(service)
    await service.alter(users, name="Ada Lovelace")
    user = await table.find_user(token)
    assert user is not None
    assert user.name == "Ada Lovelace"


async def test_session_is_alive_until_it_ends(service: Service, table: SessionTable) -> None:
    token = await session_token(service)
    (row,) = await service.rows(sessions)
    assert await table.is_alive(row["id"], row["userId"])
    assert not await table.is_alive(row["id"], "somebody else")
    assert not await table.is_alive("unknown", row["userId"])
    assert not await table.is_alive(token, row["userId"])
    await service.post("/sign-out", {}, bearer(token))
    assert not await table.is_alive(row["id"], row["userId"])


async def test_expired_session_is_not_alive(service: Service, table: SessionTable) -> None:
    await session_token(service)
    await service.alter(sessions, expiresAt=from_now(seconds=-1))
    (row,) = await service.rows(sessions)
    assert not await table.is_alive(row["id"], row["userId"])


@pytest.mark.parametrize("session_id", ["", "\0", "\udcff", "x" * 5000])
async def test_odd_session_id_is_not_alive(
    service: Service, table: SessionTable, session_id: str
) -> None:
    await session_token(service)
    assert not await table.is_alive(session_id, "somebody")


@pytest.mark.parametrize(
    ("mark", "refusal"), [("banned", BannedUser), ("twoFactorEnabled", TwoFactorRequired)]
)
async def test_mark_of_a_plugin_counts_from_the_moment_it_is_there(
    service: Service, table: SessionTable, mark: str, refusal: type[Exception]
) -> None:
    """Also in a process that read, and prepared what it asks, before the column was added."""
    token = await session_token(service)
    assert await table.find_user(token) is not None
    await service.execute(f'ALTER TABLE "user" ADD COLUMN "{mark}" BOOLEAN')
    assert await table.find_user(token) is not None
    await service.execute(f'UPDATE "user" SET "{mark}" = TRUE')
    (row,) = await service.rows(sessions)
    with pytest.raises(refusal):
        await table.find_user(token)
    with pytest.raises(refusal):
        await table.is_alive(row["id"], row["userId"])


@pytest.mark.parametrize("column", ["banExpires", "ban_expires"])
async def test_ban_counts_until_it_expires(
    service: Service, table: SessionTable, column: str
) -> None:
    token = await session_token(service)
    is_sqlite = service.database.dialect == "sqlite"
    kind = "DATE" if is_sqlite else "TIMESTAMPTZ"
    await service.execute('ALTER TABLE "user" ADD COLUMN "banned" BOOLEAN')
    await service.execute(f'ALTER TABLE "user" ADD COLUMN "{column}" {kind}')
    for banned, expires, is_refused in (
        ("TRUE", None, True),
        ("TRUE", from_now(minutes=1), True),
        ("TRUE", from_now(minutes=-1), False),
        ("FALSE", from_now(minutes=1), False),
        ("NULL", None, False),
    ):
        ends = "NULL" if expires is None else f"'{expires}'"
        await service.execute(f'UPDATE "user" SET "banned" = {banned}, "{column}" = {ends}')
        if is_refused:
            with pytest.raises(BannedUser):
                await table.find_user(token)
        else:
            assert await table.find_user(token) is not None
    if is_sqlite:
        await service.execute(f'UPDATE "user" SET "banned" = 1, "{column}" = \'unclear\'')
        with pytest.raises(BannedUser):
            await table.find_user(token)


async def test_second_factor_that_the_service_asks_for_refuses_nobody(
    database_url: str, service: Service
) -> None:
    """A ban still counts."""
    token = await session_token(service)
    for mark in ("banned", "twoFactorEnabled"):
        await service.execute(f'ALTER TABLE "user" ADD COLUMN "{mark}" BOOLEAN')
    await service.execute('UPDATE "user" SET "twoFactorEnabled" = TRUE')
    table = SessionTable(database_url, second_factors=True)
    assert await table.find_user(token) is not None
    await service.execute('UPDATE "user" SET "banned" = TRUE')
    with pytest.raises(BannedUser):
        await table.find_user(token)
    await table.close()


async def test_columns_of_others_change_nothing(service: Service, table: SessionTable) -> None:
    token = await session_token(service)
    for column in ("expiresAt", "token", "userId", "sid"):
        await service.execute(f'ALTER TABLE "user" ADD COLUMN "{column}" TEXT')
    user = await table.find_user(token)
    assert user is not None
    assert user.email == "ada@example.com"


async def test_many_at_once(service: Service, table: SessionTable) -> None:
    token = await session_token(service)
    found = await asyncio.gather(*(table.find_user(token) for _ in range(50)))
    assert {user and user.email for user in found} == {"ada@example.com"}


async def test_table_is_only_read(service: Service, table: SessionTable) -> None:
    token = await session_token(service)
    before = await service.rows(sessions)
    await table.find_user(token)
    assert await service.rows(sessions) == before


async def test_table_may_be_used_by_one_event_loop_after_another(
    database_url: str, service: Service
) -> None:
    """As test clients start one for each request."""
    token = await session_token(service)
    table = SessionTable(database_url)

    async def ask() -> bool:
        try:
            return await table.find_user(token) is not None
        finally:
            await table.close()

    assert [await asyncio.to_thread(asyncio.run, ask()) for _ in range(2)] == [True, True]


async def test_check_is_content_with_tables_of_ours(table: SessionTable) -> None:
    await table.check()


async def test_database_without_sessions_is_told_at_start(
    database_url: str, service: Service
) -> None:
    await service.execute('DROP TABLE "session"')
    table = SessionTable(database_url)
    with pytest.raises(ValueError, match=r"no sessions of Better Auth; .* Redis only"):
        await table.check()
    with pytest.raises(Unavailable):
        await table.find_user("token")
    await table.close()


async def test_postgres_that_is_away_is_unavailable_until_it_is_back(
    postgres_server: str, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(postgres_url) as service:
        token = await session_token(service)
        ((name,),) = await service.database.read_all(text("SELECT current_database()"))
    table = SessionTable(postgres_url)
    assert await table.find_user(token) is not None
    administrator = await asyncpg.connect(postgres_server)
    await administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    await administrator.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
    )
    for _ in range(2):
        with pytest.raises(Unavailable):
            await table.find_user(token)
    await administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await administrator.close()
    assert await table.find_user(token) is not None
    assert levels(caplog) == ["ERROR", "WARNING"]
    await table.close()


async def test_connection_that_the_server_closed_is_replaced(postgres_url: str) -> None:
    async with serving(postgres_url) as service:
        token = await session_token(service)
        table = SessionTable(postgres_url)
        assert await table.find_user(token) is not None
        await service.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert await table.find_user(token) is not None
        await table.close()


@pytest.mark.parametrize("schema", ["", "&schema=public"])
async def test_postgres_behind_a_transaction_pooler(postgres_url: str, schema: str) -> None:
    async with serving(postgres_url) as service:
        token = await session_token(service)
    with behind_pgbouncer(postgres_url) as url:
        table = SessionTable(f"{url}{schema}", prepared=False)
        for _ in range(3):
            assert await table.find_user(token) is not None
        await table.close()


async def test_statement_that_a_pooler_lost_names_the_setting(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with behind_pgbouncer(postgres_url) as url:
        table = SessionTable(url)
        assert await table.find_user("x") is None
        other = await asyncpg.connect(url, statement_cache_size=0)
        async with other.transaction():  # the server's connection that was used last is taken
            await other.execute("SELECT 1")
            with pytest.raises(Unavailable):
                await table.find_user("x")
        await other.close()
        await table.close()
    (line,) = [each.getMessage() for each in caplog.records if each.name == "app.bridge.outage"]
    assert line.endswith("set DATABASE_PREPARED=false")
    assert "\n" not in line


async def test_role_that_may_read_two_tables_is_enough(postgres_url: str) -> None:
    role = f"reader_{uuid4().hex}"
    async with serving(postgres_url) as service:
        token = await session_token(service)
        await service.execute(f"CREATE ROLE {role}")
        await service.execute(f'GRANT SELECT ON "session", "user" TO {role}')
        table = SessionTable(f"{postgres_url}&options=-c%20role%3D{role}")
        await table.check()
        assert await table.find_user(token) is not None
        await table.close()
        await service.execute(f"DROP OWNED BY {role}")
        await service.execute(f"DROP ROLE {role}")


async def test_slow_postgres_is_unavailable(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.bridge.reader._STATEMENT_SECONDS", 0.1)
    table = SessionTable(postgres_url)
    administrator = await asyncpg.connect(postgres_url)
    async with administrator.transaction():
        await administrator.execute('LOCK TABLE "session" IN ACCESS EXCLUSIVE MODE')
        with pytest.raises(Unavailable):
            await table.find_user("token")
    await administrator.close()
    assert await table.find_user("token") is None
    await table.close()


async def test_locked_file_is_waited_for_off_the_event_loop(sqlite_url: str) -> None:
    table = SessionTable(sqlite_url)
    with closing(sqlite3.connect(path_of(sqlite_url))) as writer:
        writer.isolation_level = None
        writer.execute("BEGIN EXCLUSIVE")
        waiting = asyncio.ensure_future(table.find_user("token"))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not waiting.done()
        writer.execute("COMMIT")
    assert await waiting is None
    await table.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody:hunter2@127.0.0.1:1/none",
        "sqlite:////nowhere/at/all.db",
    ],
)
async def test_database_that_is_away_is_unavailable(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    table = SessionTable(url)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await table.find_user("secret-token")
    with pytest.raises(Unavailable):
        await table.check()
    assert levels(caplog) == ["ERROR"]
    assert "hunter2" not in caplog.text
    assert "secret-token" not in caplog.text
    await table.close()


async def test_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "auth.db").write_text("once upon a time " * 100)
    table = SessionTable(f"sqlite:///{tmp_path / 'auth.db'}")
    with pytest.raises(Unavailable):
        await table.find_user("token")
    await table.close()


async def test_file_that_is_replaced_is_read_anew(sqlite_url: str, tmp_path: Path) -> None:
    path, copy = path_of(sqlite_url), tmp_path / "copy.db"
    shutil.copy(path, copy)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO user VALUES ('u', 'Ada', 'a@b.co', 0, NULL, '', '')")
        db.execute(
            'INSERT INTO session (id, "expiresAt", token, "createdAt", "updatedAt", "userId")'
            " VALUES ('s', '2999-01-01T00:00:00.000Z', 't', '', '', 'u')"
        )
    table = SessionTable(sqlite_url)
    assert await table.find_user("t") is not None
    os.replace(copy, path)  # noqa: PTH105 - the point is that it is the same path
    assert await table.find_user("t") is None
    await table.close()


@pytest.mark.parametrize(
    "moment", ["", "soon", "0000-00-00", 1, -(10**12), 10**18, 1e300, None, b"\xff"]
)
async def test_expiry_that_is_no_moment_is_past(sqlite_url: str, moment: object) -> None:
    path = path_of(sqlite_url)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO user VALUES ('u', 'Ada', 'a@b.co', 0, NULL, '', '')")
        db.execute("CREATE TABLE s2 AS SELECT * FROM session")
        db.execute("DROP TABLE session")
        db.execute("ALTER TABLE s2 RENAME TO session")
        db.execute(
            "INSERT INTO session (id, \"expiresAt\", token, \"userId\") VALUES ('s', ?, 't', 'u')",
            [moment],
        )
    table = SessionTable(sqlite_url)
    assert await table.find_user("t") is None
    await table.close()


async def test_database_url_that_is_not_understood_is_told() -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        SessionTable("mysql://root:hunter2@localhost/db")


async def test_missing_file_is_told_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative one is looked for in the working folder of the API, not in the service's."""
    monkeypatch.chdir(tmp_path)
    table = SessionTable("sqlite:///auth.db")
    with pytest.raises(Unavailable) as caught:
        await table.find_user("token")
    assert str(tmp_path / "auth.db") in caught.value.reason
    await table.close()
