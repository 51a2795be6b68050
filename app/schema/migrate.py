"""Migrates a database, or says why it cannot, with a lock and in one transaction."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection

from .adoption import (
    find_foreign_times,
    find_limit_obstacles,
    find_obstacles,
    find_task_obstacles,
    is_better_auth,
)
from .catalog import Read, TableFacts, read_tables
from .columns import absent, find_column_obstacles, wanted_columns
from .lock import Locked, locked
from .plan import Plan
from .report import describe_change, describe_consequences, describe_pending
from .state import (
    CORE_HEAD,
    DEFAULTS,
    LIMITS_HEAD,
    ORIGIN_TABLE,
    REVISIONS,
    TASKS_HEAD,
    VERSION_TABLE,
    SchemaError,
    SchemaState,
    Stamp,
    Wanted,
    count_restricted,
    describe,
    read_stamp,
)

_BRANCHES: Final = {"core": CORE_HEAD, "tasks": TASKS_HEAD, "limits": LIMITS_HEAD}


class Report(Struct, frozen=True):
    """The state after `migrate`, and the lines that say what it did."""

    state: SchemaState
    lines: tuple[str, ...]


async def migrate(url: str, wanted: Wanted = DEFAULTS, *, prepared: bool | None = None) -> Report:
    """Creates, adopts or upgrades the tables. Processes that start together wait for each other.

    Writes nothing if there is an obstacle. Raises `SchemaError`.
    """
    async with locked(url, prepared=prepared, create=True) as store:
        look = await _look(store, wanted)
        look.raise_obstacles(store.name)
        if not look.plan.is_empty:
            await store.tx.run_sync(_upgrade, look.plan)
        after = await _look(store, wanted)
        state = describe(after.stamp, after.tables, wanted)
        restricted = await count_restricted(_reader(store.tx), state.restrictions)
        state = replace(state, restricted=restricted)
        made = frozenset(after.tables) - frozenset(look.tables)
        changes = describe_change(store.name, look.plan, state=state, made=made)
        return Report(state, (*changes, *describe_consequences(state, wanted)))


async def check(url: str, wanted: Wanted = DEFAULTS, *, prepared: bool | None = None) -> list[str]:
    """Returns what `migrate` would do, or what prevents it. Empty if the schema is current.

    Raises `SchemaError` if the database cannot be inspected.
    """
    async with locked(url, prepared=prepared, create=False) as store:
        look = await _look(store, wanted)
        return list(look.obstacles) or list(describe_pending(store.name, look.plan, look.tables))


async def sql(url: str, wanted: Wanted = DEFAULTS, *, prepared: bool | None = None) -> str:
    """Returns the SQL that `migrate` would run, in one transaction. Empty if there is none.

    Raises `SchemaError`.
    """
    async with locked(url, prepared=prepared, create=False) as store:
        look = await _look(store, wanted)
        look.raise_obstacles(store.name)
        return "" if look.plan.is_empty else _upgrade_sql(store.dialect, look.plan)


class _Look(Struct, frozen=True):
    """What is in a database, what must be done, and what prevents it."""

    tables: dict[str, TableFacts]
    stamp: Stamp
    plan: Plan
    obstacles: tuple[str, ...]

    def raise_obstacles(self, name: str) -> None:
        if self.obstacles:
            more = f" ({len(self.obstacles) - 1} more: `.venv/bin/python -m app migrate --check`)"
            raise SchemaError(f"{name}: {self.obstacles[0]}{more if self.obstacles[1:] else ''}")


def _upgrade(connection: Connection, plan: Plan) -> None:
    # Alembic takes 0.2 s and 12 MiB, which a server whose schema is current shall not pay.
    from .upgrade import upgrade  # noqa: PLC0415

    upgrade(connection, plan)


def _upgrade_sql(dialect: str, plan: Plan) -> str:
    from .upgrade import upgrade_sql  # noqa: PLC0415

    return upgrade_sql(dialect, plan)


async def _look(store: Locked, wanted: Wanted) -> _Look:
    read = _reader(store.tx)
    tables = await read_tables(read, store.dialect)
    ours = VERSION_TABLE in tables and ORIGIN_TABLE in tables
    stamp = await read_stamp(read) if ours else Stamp(adopted=is_better_auth(tables))
    missing = stamp.heads(wanted) - stamp.versions
    columns = wanted_columns(wanted.fields, store.dialect)
    plan = Plan(
        branches=tuple(branch for branch, head in _BRANCHES.items() if head in missing),
        adopted=stamp.adopted,
        versions=tuple(sorted(stamp.versions)),
        columns=tuple(columns),
        absent=tuple(absent(columns, tables)),
    )
    obstacles = await _obstacles(store, tables, stamp, plan, storage=wanted.storage)
    return _Look(tables, stamp, plan, tuple(obstacles))


async def _obstacles(
    store: Locked, tables: dict[str, TableFacts], stamp: Stamp, plan: Plan, *, storage: bool
) -> list[str]:
    if newer := stamp.versions - REVISIONS:
        return [f"a newer release migrated it ({', '.join(sorted(newer))}); run that one"]
    lines = []
    if "core" in plan.branches:
        additional = {column.name for column in plan.columns}
        lines += find_obstacles(tables, store.dialect, additional, storage=storage)
        if store.dialect == "sqlite" and not lines:
            lines += await find_foreign_times(_reader(store.tx), tables)
    if "tasks" in plan.branches:
        lines += find_task_obstacles(tables, store.dialect)
    if "limits" in plan.branches:
        lines += find_limit_obstacles(tables, store.dialect)
    return lines + await find_column_obstacles(_reader(store.tx), plan.absent, store.dialect)


def _reader(tx: AsyncConnection) -> Read:
    async def read(statement: Executable) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await tx.execute(statement)).all()

    return read
