"""The table as the migration made it, on both engines."""

import pytest
from sqlalchemy import delete, inspect
from sqlalchemy.engine import Connection

from app.storage.database import Database
from app.tasks.models import tasks
from tests.support.tables import users

from .conftest import TaskApi

pytestmark = pytest.mark.anyio


def names_in(connection: Connection) -> tuple[set[str], set[str]]:
    found = inspect(connection)
    columns = {column["name"] for column in found.get_columns("tasks")}
    return columns, {str(index["name"]) for index in found.get_indexes("tasks")}


async def test_migration_and_model_agree(database: Database) -> None:
    async with database.begin() as tx:
        columns, indexes = await tx.run_sync(names_in)
    assert columns == set(tasks.c.keys())
    assert indexes == {index.name for index in tasks.indexes}


async def test_tasks_go_with_their_user(api: TaskApi, database: Database) -> None:
    await api.make("a", "b")
    await api.make("kept", user="bob")
    async with database.begin() as tx:
        await tx.execute(delete(users).where(users.c.id == "ann"))
    assert await api.titles() == []
    assert await api.titles(user="bob") == ["kept"]


async def test_number_of_a_deleted_task_is_not_given_again(api: TaskApi) -> None:
    [old] = await api.make("a")
    await api.send("DELETE", f"/api/tasks/{old['id']}")
    [new] = await api.make("b")
    assert new["id"] > old["id"]
