"""Migrates a database, or says why it cannot, with a lock and in one transaction."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from ..bridge.catalog import Catalog, Read, read_catalog
from ..models.layout import Layout
from ..models.program_name import COMMAND
from ..models.tables import CORE_TABLES, rate_limits
from ..storage.compiled import AnyRow
from .adoption import Adoption, plan_adoption
from .columns import find_column_incompatibilities, find_missing_columns, list_required_columns
from .layouts import find_changed_names, find_differences, find_named_table
from .lock import LockedDatabase, lock_database
from .marks import find_newly_hidden_marks
from .names import get_own_schema
from .other_tables import (
    find_plugin_incompatibilities,
    find_rate_limit_incompatibilities,
    find_repeatable_columns,
    find_task_incompatibilities,
)
from .placement import find_plugin_table, place_tables
from .plan import MigrationPlan
from .record import choose_remedy, describe_half_record, find_record, has_layout
from .report import describe_change, describe_consequences, describe_pending, describe_refused
from .requirements import DEFAULTS, Requirements
from .state import (
    AUDIT_HEAD,
    CORE_HEAD,
    DISABLED_HEAD,
    LIMITS_HEAD,
    REVISIONS,
    TASKS_HEAD,
    WEBHOOKS_HEAD,
    SchemaError,
    SchemaState,
    SchemaVersion,
    complete_layout,
    count_restricted,
    describe_state,
    read_schema_version,
)
from .turns import upgrade_in_turn

_BRANCHES: Final = {
    "core": CORE_HEAD,
    "tasks": TASKS_HEAD,
    "limits": LIMITS_HEAD,
    "audit": AUDIT_HEAD,
    "disabled": DISABLED_HEAD,
    "webhooks": WEBHOOKS_HEAD,
}
_NOTHING: Final = MigrationPlan((), (), (), False, (), (), ())  # noqa: FBT003  # nothing


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
        after = inspection
        if not inspection.plan.is_empty:
            await upgrade_in_turn(store.tx, inspection.plan)
            after = await _inspect(store, requirements)
        state = describe_state(after.version, after.catalog, requirements)
        read = _make_reader(store.tx)
        restricted = await count_restricted(read, state.layout, state.restrictions)
        state = replace(state, restricted=restricted)
        changes = describe_change(store.name, inspection.plan)
        notices = (f"{store.name}: {line}" for line in inspection.notices)
        consequences = describe_consequences(state, requirements)
        return MigrationReport(state, (*changes, *notices, *consequences))


async def check_schema(
    url: str, requirements: Requirements = DEFAULTS, *, prepared: bool | None = None
) -> list[str]:
    """Returns what `migrate` would do, or what prevents it. Empty if the schema is current.

    Raises `SchemaError` if the database cannot be inspected.
    """
    async with lock_database(url, prepared=prepared, create=False) as store:
        inspection = await _inspect(store, requirements)
        if inspection.incompatibilities:
            return list(inspection.incompatibilities)
        pending = list(describe_pending(store.name, inspection.plan))
        notices = [f"{store.name}: {line}" for line in inspection.notices]
        return [*pending, *notices] if pending else []


async def find_refused(
    url: str, requirements: Requirements = DEFAULTS, *, prepared: bool | None = None
) -> list[str]:
    """Returns how many users would be refused at sign-in, and the remedy. Reads every user.

    Raises `SchemaError` if the database cannot be inspected.
    """
    async with lock_database(url, prepared=prepared, create=False) as store:
        inspection = await _inspect(store, requirements)
        if inspection.incompatibilities:
            return []
        version = replace(inspection.version, layout=inspection.plan.layout)
        state = describe_state(version, inspection.catalog, requirements)
        read = _make_reader(store.tx)
        restricted = await count_restricted(read, state.layout, state.restrictions)
        return list(describe_refused(restricted, requirements))


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
    notices: tuple[str, ...] = ()

    def raise_incompatibilities(self, name: str) -> None:
        """Raises `SchemaError` with the first one. `name` is the database's."""
        if self.incompatibilities:
            first, *rest = self.incompatibilities
            more = f" ({len(rest)} more: `{COMMAND} migrate --check`)"
            raise SchemaError(f"{name}: {first}{more if rest else ''}")


def _upgrade_sql(dialect: str, plan: MigrationPlan) -> str:
    from .upgrade import upgrade_sql  # noqa: PLC0415 - Alembic, see `turns`

    return upgrade_sql(dialect, plan)


async def _inspect(store: LockedDatabase, requirements: Requirements) -> _Inspection:
    read = _make_reader(store.tx)
    catalog = await read_catalog(read, store.dialect)
    own_schema = get_own_schema(catalog.dialect, catalog.schema)
    stamped = find_record(catalog, own_schema)
    if stamped is None and (half := describe_half_record(catalog, own_schema)):
        return _Inspection(catalog, SchemaVersion(), _NOTHING, (half,))
    version = SchemaVersion()
    if stamped is not None:
        version = await read_schema_version(read, stamped, has_layout=has_layout(catalog, stamped))
    known = {revision for branch in requirements.branches for revision in branch.revisions}
    if newer := version.revisions - REVISIONS - known:
        line = f"a newer release migrated it ({', '.join(sorted(newer))}); run that one"
        return _Inspection(catalog, version, _NOTHING, (line,))
    adoption = await _compare_with_record(read, catalog, version, requirements)
    version = replace(version, adopted=adoption.adopted)
    plan = _make_plan(catalog, version, adoption, requirements)
    if stamped is not None:
        moved = stamped if stamped != own_schema else None
        plan = replace(plan, moved_from=moved, recorded=version.layout)
    lines = list(adoption.incompatibilities)
    if not lines:
        lines = _find_more_incompatibilities(catalog, plan, requirements)
        lines += await find_column_incompatibilities(read, plan.missing, store.dialect)
    return _Inspection(catalog, version, plan, tuple(lines), adoption.notices)


async def _compare_with_record(
    read: Read, catalog: Catalog, version: SchemaVersion, requirements: Requirements
) -> Adoption:
    """Returns what was recorded, as long as the tables are so; else what is found now."""
    if not version.revisions:
        return await plan_adoption(read, catalog, requirements)
    tables = [table.name for table in CORE_TABLES]
    changed = find_changed_names(version.layout, requirements.names)
    differences = [*changed, *find_differences(version.layout, catalog, tables)]
    if not differences:
        hidden = find_newly_hidden_marks(version.layout, catalog, requirements)
        return Adoption(version.adopted, version.layout, incompatibilities=hidden)
    found_now = await plan_adoption(read, catalog, requirements)
    others = find_differences(version.layout, catalog, [name for name in tables if name != "jwks"])
    if not others and not found_now.incompatibilities and _can_make_keys(found_now, version):
        loss = "the keys in it are lost, and new ones are made when a token needs one"
        notices = tuple(
            f"{line}, because another program dropped it: {loss}" for line in differences
        )
        return Adoption(version.adopted, version.layout, missing=("jwks",), notices=notices)
    lost, same = found_now.missing, found_now.layout == version.layout
    if found_now.incompatibilities or lost or same or not found_now.adopted:
        is_lost = bool(lost) and not found_now.incompatibilities
        remedy = choose_remedy(is_renamed=bool(changed), is_lost=is_lost)
        return Adoption(
            version.adopted,
            version.layout,
            incompatibilities=(f"{differences[0]}; {remedy}", *found_now.incompatibilities),
        )
    return replace(
        found_now,
        adopted=version.adopted,
        missing=(),
        notices=(*(f"{line}: the new names are used" for line in differences), *found_now.notices),
    )


def _can_make_keys(found_now: Adoption, version: SchemaVersion) -> bool:
    """Whether the table of keys is gone, and was one that this service made.

    The tools of an application without the `jwt` plugin drop it. Nothing refers to it.
    """
    made = version.layout.tables.get("jwks")
    return found_now.missing == ("jwks",) and (made is None or made.columns == {})


def _make_plan(
    catalog: Catalog, version: SchemaVersion, adoption: Adoption, requirements: Requirements
) -> MigrationPlan:
    pending = version.list_heads(requirements) - version.revisions
    own_schema = get_own_schema(catalog.dialect, catalog.schema)
    of_plugins = [each for each in requirements.required_branches if each.head in pending]
    branches = [branch for branch, head in _BRANCHES.items() if head in pending]
    placed = place_tables(catalog, version, adoption, requirements)
    layout = Layout(placed.tables, uuid_ids=adoption.layout.uuid_ids)
    complete = complete_layout(layout, catalog, requirements)
    columns = list_required_columns(requirements.fields, complete, catalog.dialect)
    return MigrationPlan(
        branches=(*branches, *(branch.label for branch in of_plugins)),
        folders=tuple(str(branch.folder) for branch in requirements.branches),
        tables=tuple(table.name for branch in of_plugins for table in branch.tables),
        adopted=version.adopted,
        revisions=tuple(sorted(version.revisions)),
        columns=tuple(columns),
        missing=tuple(find_missing_columns(columns, complete, catalog)),
        added=(*adoption.added, *placed.added),
        layout=layout,
        created=placed.created,
        schema=catalog.schema,
        own_schema=own_schema,
    )


def _find_more_incompatibilities(
    catalog: Catalog, plan: MigrationPlan, requirements: Requirements
) -> list[str]:
    """Returns why tables and columns that are not of Better Auth's core cannot be used."""
    lines = [*find_repeatable_columns(plan.columns, requirements.unique, plan.layout, catalog)]
    user = plan.layout.tables.get("user")
    if "tasks" in plan.branches:
        lines += find_task_incompatibilities(catalog)
    if "limits" in plan.branches:
        found = find_named_table(catalog, rate_limits.name, user, requirements.names)
        lines += [] if found is None else find_rate_limit_incompatibilities(found, catalog)
    for branch in requirements.required_branches:
        for table in branch.tables if branch.label in plan.branches else ():
            found = find_plugin_table(catalog, table, branch, user, requirements.names)
            if found is not None:
                lines += find_plugin_incompatibilities(table, found, catalog, requirements)
    return lines


def _make_reader(tx: AsyncConnection) -> Read:
    async def read(statement: Executable) -> Sequence[AnyRow]:
        return (await tx.execute(statement)).all()

    return read
