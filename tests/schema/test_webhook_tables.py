"""Where the tables of webhooks are, and when they are made."""

import pytest

from app.models.tables import make_tables
from app.schema.migrate import check_schema, generate_sql, migrate
from app.schema.requirements import derive_requirements
from app.schema.state import find_missing_tables, is_current
from app.settings.settings import Settings
from app.storage.database import open_database
from tests.support.webhooks import OPTIONS
from tests.system.original_schema import make_original

pytestmark = pytest.mark.anyio

OFF = derive_requirements(Settings(secret=""))
ON = derive_requirements(Settings(secret="", **OPTIONS))


async def test_database_has_them_only_where_webhooks_are_on(empty_database_url: str) -> None:
    without = await migrate(empty_database_url, OFF)
    assert not any("webhook" in line for line in without.lines)
    pending = await check_schema(empty_database_url, ON)
    names = ["better_auth_webhooks", "better_auth_webhook_turn"]
    assert [line.rpartition(" ")[2] for line in pending] == names
    done = await migrate(empty_database_url, ON)
    assert [line.rpartition(" ")[2] for line in done.lines if "created" in line] == names
    assert (done.state.webhooks, done.state.current) == (True, True)
    assert await check_schema(empty_database_url, OFF) == []


async def test_they_are_made_next_to_the_tables_of_a_node_server(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    await migrate(empty_database_url, OFF)
    assert "better_auth_webhooks_due_at_idx" in await generate_sql(empty_database_url, ON)
    state = (await migrate(empty_database_url, ON)).state
    database = await open_database(empty_database_url)
    assert await is_current(database, ON)
    assert await find_missing_tables(database, state) == []
    place = make_tables(state.layout).layout.describe_table("better_auth_webhooks")
    own = None if empty_database_url.startswith("sqlite") else "better_auth_service"
    assert place.schema == own
    await database.close()


async def test_table_that_another_program_dropped_is_noticed(empty_database_url: str) -> None:
    state = (await migrate(empty_database_url, ON)).state
    database = await open_database(empty_database_url)
    async with database.begin() as tx:
        await tx.exec_driver_sql("DROP TABLE better_auth_webhook_turn")
    assert await find_missing_tables(database, state) == ["better_auth_webhook_turn"]
    await database.close()
