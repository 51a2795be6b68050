"""What a database consists of, to compare it before and after: definitions, and all rows."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing

import asyncpg
from msgspec import Struct

from tests.system.parity.database import Place

# Each with the name of what it defines, such as `column user.email`, and the definition.
_POSTGRES = """
SELECT n.nspname AS schema, 'column ' || c.relname || '.' || a.attname AS name,
  format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
  || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') AS definition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind = 'r'
UNION ALL
SELECT schemaname, 'index ' || indexname, indexdef FROM pg_indexes
UNION ALL
SELECT n.nspname, 'constraint ' || c.relname || '.' || conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE contype <> 'n'
"""
_NOT_THEIRS = ("pg_catalog", "information_schema", "pg_toast")
_SQLITE_COLUMNS = """
SELECT m.name AS "table", c.name, c.type, c."notnull", c.dflt_value, c.pk
FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
"""
_SQLITE_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
_SQLITE_KEYS = """
SELECT m.name, k."from", k."table", k."to", k.on_delete, k.on_update
FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k WHERE m.type = 'table'
"""

Rows = frozenset[str]


class Snapshot(Struct, frozen=True):
    """Definitions by name, and the rows of each table; a name has a schema on PostgreSQL."""

    definitions: Mapping[str, str]
    rows: Mapping[str, Rows]

    def list_changes(self, after: "Snapshot") -> list[str]:
        """Returns the names of definitions that are not as they were."""
        return [
            name
            for name, definition in self.definitions.items()
            if after.definitions.get(name) != definition
        ]

    def list_gains(self, after: "Snapshot") -> set[str]:
        """Returns the names of definitions that were not there."""
        return set(after.definitions) - set(self.definitions)


async def take_snapshot(place: Place, columns_of: Snapshot | None = None) -> Snapshot:
    """Returns what is there; of rows only the columns that `columns_of` has, where it is given."""
    found = await (asyncio.to_thread(_read_sqlite, place) if place.file else _read_postgres(place))
    definitions = dict(sorted(found))
    listed = definitions if columns_of is None else columns_of.definitions
    rows = {}
    for table, columns in _list_columns(listed).items():
        selected = ", ".join(f'"{column}"' for column in columns)
        quoted = ".".join(f'"{part}"' for part in table.split("."))
        read = await place.run(f"SELECT {selected} FROM {quoted}")
        rows[table] = frozenset(repr(tuple(row.values())) for row in read)
    return Snapshot(definitions, rows)


def _list_columns(definitions: Mapping[str, str]) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for name in definitions:
        kind, _, full = name.partition(" ")
        if kind == "column":
            table, _, column = full.rpartition(".")
            tables.setdefault(table, []).append(column)
    return tables


async def _read_postgres(place: Place) -> list[tuple[str, str]]:
    connection = await asyncpg.connect(place.url)
    try:
        rows = await connection.fetch(_POSTGRES)
    finally:
        await connection.close()
    theirs = (row for row in rows if row["schema"] not in _NOT_THEIRS)
    return [(_name(row["schema"], row["name"]), row["definition"]) for row in theirs]


def _name(schema: str, name: str) -> str:
    kind, _, rest = name.partition(" ")
    return f"{kind} {rest}" if schema == "public" else f"{kind} {schema}.{rest}"


def _read_sqlite(place: Place) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(place.file, timeout=30)) as connection:
        columns = connection.execute(_SQLITE_COLUMNS).fetchall()
        indexes = connection.execute(_SQLITE_INDEXES).fetchall()
        keys = connection.execute(_SQLITE_KEYS).fetchall()
    return [
        *((f"column {table}.{name}", repr(rest)) for table, name, *rest in columns),
        *((f"index {name}", sql) for name, sql in indexes),
        *((f"constraint {table}.{name}", repr(rest)) for table, name, *rest in keys),
    ]
