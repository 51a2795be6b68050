"""The lines of `migrate`: what it did, and which settings follow from the kind of database."""

from collections.abc import Iterator, Mapping

from ..models.tables import CORE_TABLES
from .columns import RequiredColumn
from .names import AUDIT_TABLE, WEBHOOK_TABLES
from .plan import MigrationPlan
from .requirements import Requirements
from .state import SchemaState

_OWN_TABLES = "better_auth_migrations and better_auth_origin"
_READERS = {
    "scrypt": (
        ", which a Node server on this database can read;"
        " set BETTER_AUTH_PASSWORD_HASH=argon2id when there is no Node server"
    ),
    "argon2id": (
        ", old ones at their next sign-in; a Node server on this database reads them only with"
        " its own password.verify (docs/adopting.md)"
    ),
}
_CORE_TABLES = tuple(table.name for table in CORE_TABLES)


def describe_change(name: str, plan: MigrationPlan) -> Iterator[str]:
    """Returns one line for the database, and one for each new table and column."""
    yield from (f"{name}: added the column {_describe_column(column)}" for column in plan.missing)
    yield from (
        f"{name}: added the column {column.column} to the table {column.table}"
        for column in plan.added
    )
    if plan.is_empty:
        yield f"{name} is up to date"
        return
    if plan.moved_from is not None:
        yield f"{name}: moved {_OWN_TABLES} to the schema {plan.own_schema}"
    if "core" in plan.branches and not plan.revisions:
        core = [table for table in _CORE_TABLES if plan.is_missing(table)]
        if not plan.adopted:
            yield f"{name}: created the tables of Better Auth"
        else:
            yield f"{name}: adopted the existing tables of Better Auth: {_list_found(plan)}"
            yield from (
                f"{name}: created the missing table {_describe_place(plan, table)}"
                for table in core
            )
    for table in _list_created(plan):
        yield f"{name}: created the table {_describe_place(plan, table)}"


def describe_pending(name: str, plan: MigrationPlan) -> Iterator[str]:
    """Returns what `migrate` would do."""
    yield from (
        f"{name}: would add the column {_describe_column(column)}" for column in plan.missing
    )
    yield from (
        f"{name}: would add the column {column.column} to the table {column.table}"
        for column in plan.added
    )
    if plan.moved_from is not None:
        yield f"{name}: would move {_OWN_TABLES} to the schema {plan.own_schema}"
    elif "core" in plan.branches and plan.revisions:
        yield f"{name}: would record the names of the tables"
    elif not plan.branches and plan.layout != plan.recorded:
        yield f"{name}: would record the new names of tables and columns"
    if "core" in plan.branches and not plan.revisions:
        if not plan.adopted:
            yield f"{name}: would create the tables of Better Auth"
        else:
            where = f" in the schema {plan.own_schema}" if plan.own_schema else ""
            yield (
                f"{name}: would adopt the tables of Better Auth as they are ({_list_found(plan)}),"
                f" and add {_OWN_TABLES}{where}"
            )
            core = [table for table in _CORE_TABLES if plan.is_missing(table)]
            yield from (
                f"{name}: would create the missing table {_describe_place(plan, table)}"
                for table in core
            )
    for table in _list_created(plan):
        yield f"{name}: would create the table {_describe_place(plan, table)}"


def _list_created(plan: MigrationPlan) -> list[str]:
    """Returns the tables to create that a database of Better Auth may do without."""
    tables = ["jwks"] if plan.remakes_keys else []
    tables += ["tasks"] if "tasks" in plan.branches else []
    if "limits" in plan.branches and plan.is_missing("rateLimit"):
        tables.append("rateLimit")
    tables += [AUDIT_TABLE] if "audit" in plan.branches else []
    tables += WEBHOOK_TABLES if "webhooks" in plan.branches else ()
    return [*tables, *(table for table in plan.tables if plan.is_missing(table))]


def _list_found(plan: MigrationPlan) -> str:
    return ", ".join(
        _describe_place(plan, table) for table in _CORE_TABLES if not plan.is_missing(table)
    )


def _describe_place(plan: MigrationPlan, table: str) -> str:
    known = plan.layout.tables.get(table)
    if known is None:
        return table
    return known.name if known.schema is None else f"{known.schema}.{known.name}"


def describe_consequences(state: SchemaState, requirements: Requirements) -> Iterator[str]:
    """Returns the effective defaults, and how many users cannot sign in."""
    if state.adopted:
        yield from requirements.adoption_notices
    made = requirements.password_hash or state.password_hash
    yield f"new passwords are hashed with {made}{_READERS[made] if state.adopted else ''}"
    yield "task API: on" if state.tasks_required else _describe_tasks_off(state, requirements)
    yield "audit: on" if state.audit else _describe_audit_off(requirements)
    yield from describe_refused(state.restricted, requirements)


def describe_refused(restricted: Mapping[str, int], requirements: Requirements) -> Iterator[str]:
    """Returns how many users each column refuses, and the setting that lets its plugin decide."""
    refusing = sorted(column for column, users in restricted.items() if users)
    checking = {
        column: plugin.id
        for column in refusing
        for plugin in requirements.off
        if column in plugin.lifts
    }
    for column in refusing:
        reason = "no plugin here checks it"
        if column in checking:
            remedy = requirements.compose_plugins(checking.values())
            reason = f"the plugin {checking[column]} is off here; to switch it on, set {remedy}"
        yield f"{restricted[column]} with {column} set: refused at sign-in, because {reason}"


def _describe_column(column: RequiredColumn) -> str:
    return f"{column.name} to the table {column.table}"


def _describe_tasks_off(state: SchemaState, requirements: Requirements) -> str:
    reason = ""
    if state.adopted:
        reason = "this database was adopted; TASK_API=true creates its table"
    elif requirements.is_https:
        reason = "BETTER_AUTH_URL is https; TASK_API=true turns it on"
    return f"task API: off{' (' + reason + ')' if reason else ''}"


def _describe_audit_off(requirements: Requirements) -> str:
    if requirements.audit is False:
        return "audit: off (AUDIT=false)"
    return "audit: off (this database was adopted; AUDIT=true creates its table)"
