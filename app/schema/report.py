"""The lines of `migrate`: what it did, and which settings follow from the kind of database."""

from collections.abc import Container, Iterator

from ..models.tables import CORE_TABLES
from .columns import RequiredColumn
from .plan import MigrationPlan
from .requirements import Requirements
from .state import SchemaState

_TABLES = {"tasks": "tasks", "limits": "rateLimit"}
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


def describe_change(
    name: str, plan: MigrationPlan, *, state: SchemaState, made: frozenset[str]
) -> Iterator[str]:
    """Returns one line for the database, and one for each new table and column."""
    yield from (f"{name}: added the column {_describe_column(column)}" for column in plan.missing)
    if plan.is_empty:
        yield f"{name} is up to date"
        return
    core = [table for table in _CORE_TABLES if table in made]
    if len(core) == len(_CORE_TABLES):
        yield f"{name}: created the tables of Better Auth"
    elif state.adopted and "better_auth_origin" in made:
        yield f"{name}: adopted the existing tables of Better Auth"
        yield from (f"{name}: created the missing table {table}" for table in core)
    if made & {"rateLimit", "ratelimit"}:  # SQLite's are named in lower case
        yield f"{name}: created the table rateLimit"
    for table in ("tasks", *plan.tables):
        if made & {table, table.lower()}:
            yield f"{name}: created the table {table}"


def describe_pending(name: str, plan: MigrationPlan, there: Container[str]) -> Iterator[str]:
    """Returns what `migrate` would do with these tables."""
    yield from (
        f"{name}: would add the column {_describe_column(column)}" for column in plan.missing
    )
    for branch in plan.branches:
        if branch in _TABLES:
            yield f"{name}: would create the table {_TABLES[branch]}"
        elif branch != "core":
            continue
        elif plan.adopted:
            yield (
                f"{name}: would adopt the tables of Better Auth as they are, and add"
                " better_auth_migrations and better_auth_origin"
            )
            missing = [table for table in _CORE_TABLES if table not in there]
            yield from (f"{name}: would create the missing table {table}" for table in missing)
        else:
            yield f"{name}: would create the tables of Better Auth"
    for table in plan.tables:
        if table not in there and table.lower() not in there:
            yield f"{name}: would create the table {table}"


def describe_consequences(state: SchemaState, requirements: Requirements) -> Iterator[str]:
    """Returns the effective defaults, and how many users cannot sign in."""
    if state.adopted:
        yield from requirements.adoption_notices
    made = requirements.password_hash or state.password_hash
    yield f"new passwords are hashed with {made}{_READERS[made] if state.adopted else ''}"
    yield "task API: on" if state.tasks_required else _describe_tasks_off(state, requirements)
    for column, users in sorted(state.restricted.items()):
        if users:
            yield (
                f"{users} with {column} set: refused at sign-in, because that plugin of the Node"
                " server is not offered here"
            )


def _describe_column(column: RequiredColumn) -> str:
    return f"{column.name} to the table {column.table}"


def _describe_tasks_off(state: SchemaState, requirements: Requirements) -> str:
    reason = ""
    if state.adopted:
        reason = "this database was adopted; TASK_API=true creates its table"
    elif requirements.is_https:
        reason = "BETTER_AUTH_URL is https; TASK_API=true turns it on"
    return f"task API: off{' (' + reason + ')' if reason else ''}"
