"""Checks whether this service can use a database that another program made."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from sqlalchemy import Column, Table, UniqueConstraint, text

from ..models.column_types import BooleanType, TimestampType
from ..models.tables import accounts, metadata, rate_limits, sessions, to_snake_case, users
from .catalog import ColumnFacts, Read, TableFacts

_CORE: Final = ("user", "session", "account", "verification", "jwks")
_TASKS: Final = {
    "id": "id",
    "user_id": "text",
    "title": "text",
    "description": "text",
    "completed": "flag",
    "priority": "text",
    "due_date": "time",
    "tags": "list",
    "created_at": "time",
    "updated_at": "time",
}
# SQLite keeps any number in any of its columns.
_LIMITS: Final = {
    "id": ("text", "character varying"),
    "key": ("text", "character varying"),
    "count": ("integer", "bigint"),
    "lastRequest": ("bigint",),
}
_DDL: Final = {
    "sqlite": {"text": "text", "time": "date", "flag": "integer"},
    "postgresql": {"text": "text", "time": "timestamptz", "flag": "boolean"},
}

_STRANGER: Final = "not Better Auth's, and this service needs a database or schema of its own"

Tables = Mapping[str, TableFacts]


def is_better_auth(tables: Tables) -> bool:
    """Whether there is a table `user` of a Node server."""
    return "user" in tables and any(name in tables for name in ("session", "account"))


def find_obstacles(
    tables: Tables,
    dialect: str,
    additional: AbstractSet[str] = frozenset(),
    *,
    storage: bool = False,
) -> list[str]:
    """Returns one line for each reason why the service cannot use these tables, with the remedy.

    `additional`: columns that the settings know in addition to those of Better Auth. With `storage`
    there is a secondary storage, and a Node server makes no table of sessions.
    """
    if renamed := list(_renamed(tables)):
        return renamed
    if "user" not in tables:
        return []
    if "account" not in tables:
        return [f'there is a table "user" but no "account": it is {_STRANGER}']
    if not storage and "session" not in tables:
        elsewhere = "sessions live in a secondary storage, which REDIS_URL must name"
        return [
            f'there is a table "user" but no "session": either it is {_STRANGER}, or {elsewhere}'
        ]
    known = (metadata.tables[name] for name in _CORE if name in tables)
    return [
        line
        for table in known
        for line in _differences(table, tables[table.name], dialect, additional)
    ]


def find_task_obstacles(tables: Tables, dialect: str) -> list[str]:
    """Returns the same for a table `tasks` that another program made."""
    facts = tables.get("tasks")
    if facts is None:
        return []
    unlike = [
        name
        for name, kind in _TASKS.items()
        if name not in facts.columns or not _is(kind, facts.columns[name].type, dialect)
    ]
    if not unlike and facts.columns.keys() == _TASKS.keys():
        return []
    which = ", ".join(unlike or sorted(facts.columns.keys() - _TASKS.keys()))
    return [
        f'the table "tasks" is not the task API\'s (see {which}): rename it, or set TASK_API=false'
    ]


def find_limit_obstacles(tables: Tables, dialect: str) -> list[str]:
    """Returns the same for a table `rateLimit`. Only that of a Node server can be used."""
    table = rate_limits
    facts = tables.get(table.name if dialect == "postgresql" else table.name.lower())
    if facts is None:
        return []
    found = _by_known_name(table, facts, dialect)
    unlike = [
        name
        for name, kinds in _LIMITS.items()
        if name not in found or (dialect == "postgresql" and not found[name].type.startswith(kinds))
    ]
    strangers = set(facts.columns) - {_given_name(name, facts, dialect) for name in found}
    faults = [*_demanding(table, strangers, facts, dialect), *_not_unique(table, facts, dialect)]
    if not unlike:
        return faults
    which = ", ".join(unlike)
    mend = "rename it, or count elsewhere with BETTER_AUTH_RATE_LIMIT_STORAGE"
    return [f'the table "rateLimit" is not Better Auth\'s (see {which}): {mend}']


async def find_foreign_times(read: Read, tables: Tables) -> list[str]:
    """Finds columns with numbers for times, which SQLite allows and some ORMs write."""
    lines = []
    for table in (metadata.tables[name] for name in _CORE if name in tables):
        times = [column.name for column in table.columns if _kind(column) == "time"]
        odd = " OR ".join(f"typeof(\"{name}\") NOT IN ('text', 'null')" for name in times)
        if await read(text(f'SELECT 1 FROM "{table.name}" WHERE {odd} LIMIT 1')):  # noqa: S608  # names from models
            lines.append(
                f'"{table.name}" holds times that are not ISO text ({", ".join(times)}); '
                + _run("", "sqlite")
            )
    return lines


def _renamed(tables: Tables) -> Iterator[str]:
    for table in (users, sessions, accounts):
        name = table.name
        for other in (f"{name}s", name.capitalize(), f"{name.capitalize()}s"):
            if name not in tables and other in tables and _looks_like(table, tables[other]):
                yield (
                    f'Better Auth\'s table "{name}" is called "{other}" here; run:'
                    f' ALTER TABLE "{other}" RENAME TO "{name}"'
                )


def _looks_like(table: Table, facts: TableFacts) -> bool:
    telling = {"user": ("emailVerified",), "session": ("token", "userId")}
    names = telling.get(table.name, ("accountId", "providerId"))
    return all(name in facts.columns or to_snake_case(name) in facts.columns for name in names)


def _differences(
    table: Table, facts: TableFacts, dialect: str, additional: AbstractSet[str]
) -> Iterator[str]:
    found = _by_known_name(table, facts, dialect)
    for column in table.columns:
        if column.name in found:
            yield from _unlike(column, found[column.name], dialect)
        else:
            yield _missing(column, facts, dialect)
    strangers = set(facts.columns) - {_given_name(name, facts, dialect) for name in found}
    renamed = {to_snake_case(column.name) for column in table.columns if column.name not in found}
    yield from _demanding(table, strangers - additional - renamed, facts, dialect)
    yield from _not_unique(table, facts, dialect)


def _by_known_name(table: Table, facts: TableFacts, dialect: str) -> dict[str, ColumnFacts]:
    given = {name: _given_name(name, facts, dialect) for name in table.columns.keys()}  # noqa: SIM118  # a ColumnCollection iterates columns
    return {name: facts.columns[other] for name, other in given.items() if other is not None}


def _given_name(name: str, facts: TableFacts, dialect: str) -> str | None:
    """Returns the name as it is in the database. SQLite ignores case."""
    if name in facts.columns or dialect == "postgresql":
        return name if name in facts.columns else None
    return next((other for other in facts.columns if other.lower() == name.lower()), None)


def _missing(column: Column[object], facts: TableFacts, dialect: str) -> str:
    where = f'"{column.table.name}"'
    snake = to_snake_case(column.name)
    if snake != column.name and snake in facts.columns:
        return (
            f'column "{column.name}" of {where} is called "{snake}" here; run:'
            f' ALTER TABLE {where} RENAME COLUMN "{snake}" TO "{column.name}"'
        )
    kind = _DDL[dialect][_kind(column)]
    filled = f"{kind} NOT NULL DEFAULT {_filler(column, dialect)}"
    added = kind if column.nullable else filled
    return (
        f'{where} has no column "{column.name}"; run:'
        f' ALTER TABLE {where} ADD COLUMN "{column.name}" {added}'
    )


def _filler(column: Column[object], dialect: str) -> str:
    if _kind(column) == "time":
        return "CURRENT_TIMESTAMP" if dialect == "postgresql" else "'1970-01-01T00:00:00.000Z'"
    if _kind(column) == "flag":
        return "false" if dialect == "postgresql" else "0"
    return "''"


def _unlike(column: Column[object], facts: ColumnFacts, dialect: str) -> Iterator[str]:
    where, kind = f'"{column.table.name}"', _kind(column)
    alter = f'ALTER TABLE {where} ALTER COLUMN "{column.name}"'
    if not _is(kind, facts.type, dialect):
        wanted = _DDL[dialect][kind]
        yield (
            f'column "{column.name}" of {where} is {facts.type or "without a type"}, not {wanted}; '
            + _conversion(alter, column, facts, dialect)
        )
    elif column.nullable and not facts.nullable and not facts.has_default:
        yield (
            f'column "{column.name}" of {where} must take NULL; '
            + _run(f"{alter} DROP NOT NULL", dialect)
        )


def _conversion(alter: str, column: Column[object], facts: ColumnFacts, dialect: str) -> str:
    if column.name in ("id", "userId") and dialect == "postgresql":
        return f"ids are text here; drop the foreign keys to it, then run: {alter} TYPE text"
    zone = " AT TIME ZONE 'UTC'" if facts.type.startswith("timestamp") else ""
    wanted = _DDL[dialect][_kind(column)]
    return _run(f'{alter} TYPE {wanted} USING "{column.name}"{zone or f"::{wanted}"}', dialect)


def _demanding(
    table: Table, strangers: Iterable[str], facts: TableFacts, dialect: str
) -> Iterator[str]:
    for name in sorted(strangers):
        column = facts.columns[name]
        if not column.nullable and not column.has_default:
            change = f'ALTER TABLE "{table.name}" ALTER COLUMN "{name}" DROP NOT NULL'
            yield (
                f'column "{name}" of "{table.name}" is unknown here and demands a value; '
                + _run(change, dialect)
            )


def _not_unique(table: Table, facts: TableFacts, dialect: str) -> Iterator[str]:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            (column,) = constraint.columns
            if _given_name(column.name, facts, dialect) not in facts.unique:
                yield (
                    f'"{table.name}"."{column.name}" is not unique; run: CREATE UNIQUE INDEX'
                    f' "{constraint.name}" ON "{table.name}" ("{column.name}")'
                )


def _run(statement: str, dialect: str) -> str:
    if dialect == "sqlite":
        return "SQLite can't alter that: copy the data into tables that the Node server made"
    return f"run: {statement}"


def _kind(column: Column[object]) -> str:
    return {TimestampType: "time", BooleanType: "flag"}.get(type(column.type), "text")


def _is(kind: str, declared: str, dialect: str) -> bool:
    return (_on_postgres if dialect == "postgresql" else _on_sqlite)(kind, declared)


def _on_postgres(kind: str, declared: str) -> bool:
    if kind == "time":
        return declared.startswith("timestamp") and declared.endswith("with time zone")
    if kind == "text":
        return declared.startswith(("text", "character varying"))
    wanted = {"flag": ("boolean",), "id": ("integer", "bigint"), "list": ("jsonb",)}
    return declared in wanted[kind]


def _on_sqlite(kind: str, declared: str) -> bool:
    base = declared.partition("(")[0].strip()
    if kind == "text":
        return any(part in base for part in ("char", "clob", "text"))
    wanted = {"time": ("date", "datetime", "timestamp", "text"), "list": ("text", "json")}
    return base in wanted.get(kind, ("integer", "int", "boolean", "bool", "numeric"))
