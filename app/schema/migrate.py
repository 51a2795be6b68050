"""Migrates a database, or says why it cannot, with a lock and in one transaction."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from ..storage.compiled import AnyRow
from .adoption import (
    find_incompatibilities,
    find_numeric_times,
    find_plugin_incompatibilities,
    find_rate_limit_incompatibilities,
    find_task_incompatibilities,
    is_better_auth,
)
from .catalog import Catalog, Read, read_catalog
from .columns import find_column_incompatibilities, find_missing_columns, list_required_columns
from .lock import LockedDatabase, lock_database
from .plan import MigrationPlan
from .report import describe_change, describe_consequences, describe_pending
from .requirements import DEFAULTS, Requirements
from .state import (
    CORE_HEAD,
    LIMITS_HEAD,
    ORIGIN_TABLE,
    REVISIONS,
    TASKS_HEAD,
    VERSION_TABLE,
    SchemaError,
    SchemaState,
    SchemaVersion,
    count_restricted,
    describe_state,
    read_schema_version,
)

_BRANCHES: Final = {"core": CORE_HEAD, "tasks": TASKS_HEAD, "limits": LIMITS_HEAD}


class MigrationReport(Struct, frozen=True):
    """The state after `migrate`, and the lines that say what it did."""

    state: SchemaState
    lines: tuple[str, ...]


async def migrate(
    url: str, requirements: Requirements = DEFAULTS, *, prepared: bool | None = None
) -> MigrationReport:
    """Creates, adopts or upgrades the tables. Processes that start together wait for each other.

    Writes nothing if something prevents it. Raises `SchemaError`.
    """
    async with lock_database(url, prepared=prepared, create=True) as store:
        inspection = await _inspect(store, requirements)
        inspection.raise_incompatibilities(store.name)
        if not inspection.plan.is_empty:
            await store.tx.run_sync(_upgrade, inspection.plan)
        after = await _inspect(store, requirements)
        state = describe_state(after.version, after.catalog, requirements)
        restricted = await count_restricted(_make_reader(store.tx), state.restrictions)
        state = replace(state, restricted=restricted)
        made = frozenset(after.catalog) - frozenset(inspection.catalog)
        changes = describe_change(store.name, inspection.plan, state=state, made=made)
        return MigrationReport(state, (*changes, *describe_consequences(state, requirements)))


async def check_schema(
    url: str, requirements: Requirements = DEFAULTS, *, prepared: bool | None = None
) -> list[str]:
    """Returns what `migrate` would do, or what prevents it. Empty if the schema is current.

    Raises `SchemaError` if the database cannot be inspected.
    """
    async with lock_database(url, prepared=prepared, create=False) as store:
        inspection = await _inspect(store, requirements)
        return list(inspection.incompatibilities) or list(
            describe_pending(store.name, inspection.plan, inspection.catalog)
        )


async def generate_sql(
    url: str, requirements: Requirements = DEFAULTS, *, prepared: bool | None = None
) -> str:
    """Returns the SQL that `migrate` would run, in one transaction. Empty if there is none.

    Raises `SchemaError`.
    """
    async with lock_database(url, prepared=prepared, create=False) as store:
        inspection = await _inspect(store, requirements)
        inspection.raise_incompatibilities(store.name)
        return "" if inspection.plan.is_empty else _upgrade_sql(store.dialect, inspection.plan)


class _Inspection(Struct, frozen=True):
    """What is in a database, what must be done, and what prevents it."""

    catalog: Catalog
    version: SchemaVersion
    plan: MigrationPlan
    incompatibilities: tuple[str, ...]

    def raise_incompatibilities(self, name: str) -> None:
        """Raises `SchemaError` with the first one. `name` is the database's."""
        if self.incompatibilities:
            first, *rest = self.incompatibilities
            more = f" ({len(rest)} more: `.venv/bin/python -m app migrate --check`)"
            raise SchemaError(f"{name}: {first}{more if rest else ''}")


def _upgrade(connection: Connection, plan: MigrationPlan) -> None:
    # Alembic takes 0.2 s and 12 MiB, which a server whose schema is current must not pay.
    from .upgrade import upgrade  # noqa: PLC0415

    upgrade(connection, plan)


def _upgrade_sql(dialect: str, plan: MigrationPlan) -> str:
    from .upgrade import upgrade_sql  # noqa: PLC0415

    return upgrade_sql(dialect, plan)


async def _inspect(store: LockedDatabase, requirements: Requirements) -> _Inspection:
    read = _make_reader(store.tx)
    catalog = await read_catalog(read, store.dialect)
    if VERSION_TABLE in catalog and ORIGIN_TABLE in catalog:
        version = await read_schema_version(read)
    else:
        version = SchemaVersion(adopted=is_better_auth(catalog))
    pending = version.list_heads(requirements) - version.revisions
    columns = list_required_columns(requirements.fields, store.dialect)
    of_plugins = [each for each in requirements.required_branches if each.head in pending]
    plan = MigrationPlan(
        branches=(
            *(branch for branch, head in _BRANCHES.items() if head in pending),
            *(branch.label for branch in of_plugins),
        ),
        folders=tuple(str(branch.folder) for branch in requirements.branches),
        tables=tuple(table.name for branch in of_plugins for table in branch.tables),
        adopted=version.adopted,
        revisions=tuple(sorted(version.revisions)),
        columns=tuple(columns),
        missing=tuple(find_missing_columns(columns, catalog)),
    )
    incompatibilities = await _find_incompatibilities(store, catalog, version, plan, requirements)
    return _Inspection(catalog, version, plan, tuple(incompatibilities))


async def _find_incompatibilities(
    store: LockedDatabase,
    catalog: Catalog,
    version: SchemaVersion,
    plan: MigrationPlan,
    requirements: Requirements,
) -> list[str]:
    known = {revision for branch in requirements.branches for revision in branch.revisions}
    if newer := version.revisions - REVISIONS - known:
        return [f"a newer release migrated it ({', '.join(sorted(newer))}); run that one"]
    lines = []
    if "core" in plan.branches:
        additional = {column.name for column in plan.columns}
        lines += find_incompatibilities(
            catalog, store.dialect, additional, storage=requirements.storage
        )
        if store.dialect == "sqlite" and not lines:
            lines += await find_numeric_times(_make_reader(store.tx), catalog)
    if "tasks" in plan.branches:
        lines += find_task_incompatibilities(catalog, store.dialect)
    if "limits" in plan.branches:
        lines += find_rate_limit_incompatibilities(catalog, store.dialect)
    for branch in requirements.required_branches:
        if branch.label in plan.branches:
            lines += find_plugin_incompatibilities(branch.tables, catalog, store.dialect)
    return lines + await find_column_incompatibilities(
        _make_reader(store.tx), plan.missing, store.dialect
    )


def _make_reader(tx: AsyncConnection) -> Read:
    async def read(statement: Executable) -> Sequence[AnyRow]:
        return (await tx.execute(statement)).all()

    return read
