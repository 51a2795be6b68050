"""Where the table of audit events is, and what `migrate` says about it."""

import pytest
from sqlalchemy import text

from app.auth.audit.events import Event
from app.models.tables import make_tables
from app.schema.migrate import check_schema, generate_sql, migrate
from app.schema.requirements import Requirements
from app.schema.state import find_missing_tables, is_current
from app.server.resources import Resources
from app.server.stores import choose_audit
from app.settings.settings import Settings
from app.storage.database import open_database
from tests.system.original_schema import make_original

pytestmark = pytest.mark.anyio

ON, OFF = Requirements(audit=True), Requirements(audit=False)


async def test_database_that_we_make_has_it(empty_database_url: str) -> None:
    done = await migrate(empty_database_url)
    assert "audit: on" in done.lines
    assert done.state.audit
    assert any(line.endswith("created the table better_auth_audit") for line in done.lines)


async def test_it_may_be_left_out_and_added_later(empty_database_url: str) -> None:
    without = await migrate(empty_database_url, OFF)
    assert "audit: off (AUDIT=false)" in without.lines
    assert await check_schema(empty_database_url, OFF) == []
    (pending,) = await check_schema(empty_database_url)
    assert pending.endswith("would create the table better_auth_audit")
    database = await open_database(empty_database_url)
    assert await is_current(database, OFF)
    assert not await is_current(database)
    await database.close()
    assert (await migrate(empty_database_url)).state.current


async def test_adopted_database_gets_it_only_when_asked(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    done = await migrate(empty_database_url)
    assert "audit: off (this database was adopted; AUDIT=true creates its table)" in done.lines
    assert not done.state.audit
    home = "" if empty_database_url.startswith("sqlite") else "better_auth_service."
    (pending,) = await check_schema(empty_database_url, ON)
    assert pending.endswith(f"would create the table {home}better_auth_audit")
    assert "better_auth_audit_user_id_idx" in await generate_sql(empty_database_url, ON)
    state = (await migrate(empty_database_url, ON)).state
    assert (state.audit, state.current, state.adopted) == (True, True, True)
    database = await open_database(empty_database_url)
    assert await find_missing_tables(database, state) == []
    settings, tables = Settings(secret="", audit=True), make_tables(state.layout)
    await choose_audit(settings, Resources(database), state, tables).write(Event("banned", "ada"))
    rows = await database.read_all(text(f"SELECT user_id FROM {home}better_auth_audit"))
    assert [tuple(row) for row in rows] == [("ada",)]
    await database.close()
    assert await check_schema(empty_database_url, ON) == []
