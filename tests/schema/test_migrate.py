import asyncio
import socket
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Executable, text

from app.models.errors import StoreUnavailable
from app.schema import state as schema_state
from app.schema import upgrade
from app.schema.migrate import check_schema, generate_sql, migrate
from app.schema.requirements import Requirements
from app.schema.state import SchemaError, inspect_schema, is_current
from app.storage.database import Database, open_database
from app.storage.postgres import database as postgres
from tests.support.own_tables import versions
from tests.system.original_schema import execute, make_original

pytestmark = pytest.mark.anyio

_SQLITE_FACTS = text(
    "SELECT type, name, tbl_name, sql FROM sqlite_master"
    " WHERE name NOT LIKE 'better_auth_%' AND name NOT LIKE 'sqlite_autoindex_better_auth_%'"
    " AND name <> 'sqlite_sequence' AND tbl_name <> 'tasks' ORDER BY type, name"
)
_POSTGRES_FACTS = text(
    "SELECT table_name::text, column_name::text, ordinal_position::text, udt_name::text,"
    " is_nullable::text, column_default::text, NULL"
    " FROM information_schema.columns WHERE table_schema = 'public'"
    " AND table_name NOT LIKE 'better_auth_%' AND table_name <> 'tasks'"
    " UNION ALL SELECT t.relname::text, c.conname::text, c.contype::text,"
    " pg_get_constraintdef(c.oid), NULL, NULL, NULL FROM pg_constraint c"
    " JOIN pg_class t ON t.oid = c.conrelid"
    " WHERE t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE 'better_auth_%'"
    " AND t.relname <> 'tasks'"
    " UNION ALL SELECT tablename::text, indexname::text, indexdef, NULL, NULL, NULL, NULL"
    " FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'better_auth_%'"
    " AND tablename <> 'tasks' ORDER BY 1, 2, 3"
)


async def _facts(url: str) -> list[tuple[object, ...]]:
    database = await open_database(url)
    statement = _SQLITE_FACTS if database.dialect == "sqlite" else _POSTGRES_FACTS
    rows = await database.read_all(statement)
    await database.close()
    return [tuple(row) for row in rows]


async def _read(url: str, statement: Executable) -> list[tuple[object, ...]]:
    database = await open_database(url)
    try:
        return [tuple(row) for row in await database.read_all(statement)]
    finally:
        await database.close()


async def test_fresh_schema_is_the_originals_to_the_letter(
    empty_database_url: str, database_url: str
) -> None:
    await make_original(empty_database_url)
    recorded = await _facts(empty_database_url)
    assert recorded
    assert await _facts(database_url) == recorded


async def test_heads_are_those_of_the_migrations() -> None:
    script = ScriptDirectory.from_config(upgrade.configure())
    assert set(script.get_heads()) == schema_state.HEADS
    assert {found.revision for found in script.walk_revisions()} == schema_state.REVISIONS


async def test_alembic_is_not_loaded_where_nothing_is_to_be_done(database_url: str) -> None:
    program = (
        "import asyncio, sys; from app.schema.migrate import migrate;"
        " asyncio.run(migrate(sys.argv[1])); print('alembic' in sys.modules)"
    )
    process = await create_subprocess_exec(sys.executable, "-c", program, database_url, stdout=PIPE)
    out, _ = await process.communicate()
    assert out == b"False\n"


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    before = await _facts(database_url)
    report = await migrate(database_url)
    assert report.lines[0].endswith("is up to date")
    assert await _facts(database_url) == before


async def test_fresh_database_is_ours_and_has_tasks(empty_database_url: str) -> None:
    report = await migrate(empty_database_url)
    assert (report.state.adopted, report.state.tasks, report.state.current) == (False, True, True)
    assert report.state.password_hash == "argon2id"
    assert "task API: on" in report.lines


async def test_tasks_may_be_left_out_and_added_later(empty_database_url: str) -> None:
    without = await migrate(empty_database_url, Requirements(task_api=False))
    assert (without.state.tasks, without.state.current) == (False, True)
    assert await check_schema(empty_database_url, Requirements(task_api=False)) == []
    assert len(await check_schema(empty_database_url)) == 1
    later = await migrate(empty_database_url)
    assert later.state.tasks


async def test_check_tells_what_is_pending(empty_database_url: str) -> None:
    pending = await check_schema(empty_database_url)
    assert [line.split(": ")[1] for line in pending] == [
        "would create the tables of Better Auth",
        "would create the table tasks",
        "would create the table better_auth_audit",
    ]


async def test_looking_makes_no_file(empty_sqlite_url: str, tmp_path: Path) -> None:
    assert await check_schema(empty_sqlite_url)
    assert await generate_sql(empty_sqlite_url)
    assert list(tmp_path.iterdir()) == []


async def test_inspect_of_an_empty_database_says_not_current(empty_postgres_url: str) -> None:
    database = await open_database(empty_postgres_url)
    assert not (await inspect_schema(database)).current
    assert not await is_current(database)
    await database.close()


async def test_inspect_of_a_migrated_database_says_current(database: Database) -> None:
    state = await inspect_schema(database)
    assert (state.current, state.adopted, state.tasks) == (True, False, True)
    assert await is_current(database)


@pytest.mark.parametrize("cause", [TimeoutError(), ConnectionResetError()])
async def test_more_accounts_than_can_be_looked_at_may_hold_every_kind_of_hash(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch, cause: Exception
) -> None:
    read_all = postgres_database.read_all

    async def read(statement: Executable) -> object:
        if 'FROM "account"' in str(statement):
            raise StoreUnavailable from cause
        return await read_all(statement)

    monkeypatch.setattr(postgres_database, "read_all", read)
    if isinstance(cause, TimeoutError):
        state = await inspect_schema(postgres_database)
        assert state.hashes == {"scrypt", "bcrypt", "pbkdf2", "$argon2id$v=19$m=19456,t=2,p=1"}
    else:
        with pytest.raises(StoreUnavailable):
            await inspect_schema(postgres_database)


async def test_printed_sql_makes_the_same_schema(
    empty_database_url: str, database_url: str
) -> None:
    script = await generate_sql(empty_database_url)
    await execute(empty_database_url, script)
    assert await _facts(empty_database_url) == await _facts(database_url)
    assert await check_schema(empty_database_url) == []
    assert await generate_sql(empty_database_url) == ""


async def test_processes_that_start_together_migrate_once(empty_database_url: str) -> None:
    program = (
        "import asyncio, sys; from app.schema.migrate import migrate;"
        " print(*asyncio.run(migrate(sys.argv[1])).lines, sep='\\n')"
    )
    started = [
        await create_subprocess_exec(
            sys.executable, "-c", program, empty_database_url, stdout=PIPE, stderr=PIPE
        )
        for _ in range(3)
    ]
    ended = await asyncio.gather(*(process.communicate() for process in started))
    assert [error for _, error in ended] == [b"", b"", b""]
    assert sum(b"created the tables of Better Auth" in out for out, _ in ended) == 1
    assert await check_schema(empty_database_url) == []


async def test_a_failed_migration_leaves_nothing(empty_postgres_url: str) -> None:
    await execute(empty_postgres_url, "CREATE VIEW tasks_user_id_idx AS SELECT 1")
    await execute(empty_postgres_url, 'CREATE VIEW "user" AS SELECT 1')
    with pytest.raises(SchemaError):
        await migrate(empty_postgres_url)
    left = text("SELECT relname::text FROM pg_class WHERE relname LIKE 'better_auth%'")
    assert await _read(empty_postgres_url, left) == []


async def test_a_newer_releases_database_is_refused(database_url: str) -> None:
    await execute(database_url, f"INSERT INTO {versions(database_url)} VALUES ('core_9999')")
    with pytest.raises(SchemaError, match=r"newer release migrated it .core_9999."):
        await migrate(database_url)


async def test_foreign_tables_are_left_alone(empty_database_url: str) -> None:
    await execute(
        empty_database_url,
        "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('x')",
    )
    report = await migrate(empty_database_url)
    assert not report.state.adopted
    stranger = text("SELECT version_num FROM alembic_version")
    assert await _read(empty_database_url, stranger) == [("x",)]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (
            "sqlite:////no/such/folder/auth.db",
            ("the folder of /no/such/folder/auth.db does not exist"),
        ),
        ("sqlite:////etc", "/etc is a folder"),
        ("mysql://root:hunter2@localhost/db", "MySQL is not offered"),
        ("postgresql://u:hunter2@127.0.0.1:1/db", "cannot be reached"),
        ("postgresql://u:hunter2@/db?host=/no/such/socket", "cannot be reached"),
    ],
)
async def test_what_cannot_be_opened_is_one_line_without_the_password(
    url: str, reason: str
) -> None:
    with pytest.raises(SchemaError, match=reason) as caught:
        await migrate(url)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_server_that_never_answers_is_told_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres, "CONNECT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/db?sslmode=disable"
        with pytest.raises(SchemaError, match="cannot be reached: no answer in time"):
            await migrate(url)


async def test_a_missing_postgres_database_is_named(postgres_server: str) -> None:
    with pytest.raises(SchemaError, match='database "nowhere" does not exist'):
        await migrate(postgres_server.replace("/postgres?", "/nowhere?"))


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "auth.db").write_text("not a database" * 100)
    with pytest.raises(SchemaError, match="file is not a database"):
        await migrate(f"sqlite:///{tmp_path / 'auth.db'}")


async def test_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    path = tmp_path / "auth.db"
    path.symlink_to(tmp_path / "missing" / "auth.db")
    with pytest.raises(SchemaError, match=r"auth\.db cannot be created: No such file"):
        await migrate(f"sqlite:///{path}")


async def test_an_unprepared_connection_migrates_too(empty_postgres_url: str) -> None:
    await migrate(empty_postgres_url, prepared=False)
    assert await check_schema(empty_postgres_url, prepared=False) == []
