"""Brings a database up to date, or says why not, under a lock and in one transaction."""

import importlib
from collections.abc import Sequence
from typing import Any, Final, Protocol, cast

from msgspec import Struct
from sqlalchemy import Connection, Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adoption import (
    find_foreign_times,
    find_obstacles,
    find_task_obstacles,
    is_better_auth,
)
from app.migration_lock import Locked, locked
from app.migration_report import describe_change, describe_consequences, describe_pending
from app.schema_state import (
    CORE_HEAD,
    DEFAULTS,
    ORIGIN_TABLE,
    REVISIONS,
    TASKS_HEAD,
    VERSION_TABLE,
    SchemaError,
    SchemaState,
    Stamp,
    Wanted,
    describe,
    read_stamp,
)
from app.table_facts import Read, TableFacts, read_tables

_BRANCHES: Final = {"core": CORE_HEAD, "tasks": TASKS_HEAD}


class Report(Struct, frozen=True):
    """The state after `migrate`, and what it did in lines to print."""

    state: SchemaState
    lines: tuple[str, ...]


async def migrate(url: str, wanted: Wanted = DEFAULTS, *, prepared: bool | None = None) -> Report:
    """Makes, adopts or upgrades; processes that start together wait for each other.

    Nothing is written where something is in the way. Raises `SchemaError`.
    """
    async with locked(url, prepared=prepared, create=True) as store:
        look = await _look(store, wanted)
        look.raise_obstacles(store.name)
        if look.branches:
            await store.tx.run_sync(_upgrade, look)
        after = await _look(store, wanted)
        state = await describe(_reader(store.tx), after.stamp, after.tables, wanted)
        made = frozenset(after.tables) - frozenset(look.tables) if look.branches else frozenset()
        changes = describe_change(store.name, state=state, made=made)
        return Report(state, (*changes, *describe_consequences(state)))


async def check(url: str, wanted: Wanted = DEFAULTS, *, prepared: bool | None = None) -> list[str]:
    """What `migrate` would do, or what is in its way; empty when the schema is current.

    Raises `SchemaError` for a database that can't be looked at.
    """
    async with locked(url, prepared=prepared, create=False) as store:
        look = await _look(store, wanted)
        pending = describe_pending(store.name, adopted=look.stamp.adopted, branches=look.branches)
        return list(look.obstacles) or list(pending)


async def sql(url: str, wanted: Wanted = DEFAULTS, *, prepared: bool | None = None) -> str:
    """The SQL that `migrate` would run now, in one transaction; empty when there is none.

    Raises `SchemaError`.
    """
    async with locked(url, prepared=prepared, create=False) as store:
        look = await _look(store, wanted)
        look.raise_obstacles(store.name)
        if not look.branches:
            return ""
        return _alembic().upgrade_sql(
            store.dialect,
            branches=look.branches,
            adopted=look.stamp.adopted,
            versions=tuple(sorted(look.stamp.versions)),
        )


class _Look(Struct, frozen=True):
    """What a database holds, what is to be done there and what is in the way."""

    tables: dict[str, TableFacts]
    stamp: Stamp
    branches: tuple[str, ...]
    obstacles: tuple[str, ...]

    def raise_obstacles(self, name: str) -> None:
        if self.obstacles:
            more = f" ({len(self.obstacles) - 1} more: `.venv/bin/python -m app migrate --check`)"
            raise SchemaError(f"{name}: {self.obstacles[0]}{more if self.obstacles[1:] else ''}")


class _Alembic(Protocol):
    """`app.upgrade`."""

    def upgrade(
        self, connection: Connection, *, branches: tuple[str, ...], adopted: bool
    ) -> None: ...

    def upgrade_sql(
        self, dialect: str, *, branches: tuple[str, ...], adopted: bool, versions: tuple[str, ...]
    ) -> str: ...


def _alembic() -> _Alembic:
    # Alembic takes 0.2 s and 12 MiB, which a server whose schema is current shall not pay.
    return cast("_Alembic", importlib.import_module("app.upgrade"))


def _upgrade(connection: Connection, look: _Look) -> None:
    _alembic().upgrade(connection, branches=look.branches, adopted=look.stamp.adopted)


async def _look(store: Locked, wanted: Wanted) -> _Look:
    read = _reader(store.tx)
    tables = await read_tables(read, store.dialect)
    ours = VERSION_TABLE in tables and ORIGIN_TABLE in tables
    stamp = await read_stamp(read) if ours else Stamp(adopted=is_better_auth(tables))
    missing = stamp.heads(wanted) - stamp.versions
    return _Look(
        tables,
        stamp,
        branches=tuple(branch for branch, head in _BRANCHES.items() if head in missing),
        obstacles=tuple(await _obstacles(store, tables, stamp, wanted)),
    )


async def _obstacles(
    store: Locked, tables: dict[str, TableFacts], stamp: Stamp, wanted: Wanted
) -> list[str]:
    missing = stamp.heads(wanted) - stamp.versions
    if newer := stamp.versions - REVISIONS:
        return [f"a newer release migrated it ({', '.join(sorted(newer))}); run that one"]
    lines = []
    if CORE_HEAD in missing:
        lines += find_obstacles(tables, store.dialect, storage=wanted.storage)
        if store.dialect == "sqlite" and not lines:
            lines += await find_foreign_times(_reader(store.tx), tables)
    if TASKS_HEAD in missing:
        lines += find_task_obstacles(tables, store.dialect)
    return lines


def _reader(tx: AsyncConnection) -> Read:
    async def read(statement: Executable) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await tx.execute(statement)).all()

    return read
