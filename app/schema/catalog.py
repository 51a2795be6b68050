"""Reads the tables of a database from its catalog."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import Executable, text

from ..storage.compiled import AnyRow

Read = Callable[[Executable], Awaitable[Sequence[AnyRow]]]


class CatalogColumn(Struct, frozen=True):
    """A column. `type` is the declared type, in lower case."""

    type: str
    nullable: bool
    has_default: bool


class CatalogTable(Struct, frozen=True):
    """A table. `unique`: the columns with their own unique index."""

    columns: Mapping[str, CatalogColumn]
    unique: frozenset[str]


Catalog = Mapping[str, CatalogTable]

_COLUMNS: Final = {
    "sqlite": text(
        'SELECT lower(m.name), c.name, lower(c.type), c."notnull" = 0 AND c.pk = 0,'
        " c.dflt_value IS NOT NULL OR c.hidden > 0"
        " FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c"
        " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY m.name, c.cid"
    ),
    "postgresql": text(
        "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),"
        " NOT a.attnotnull, a.atthasdef OR a.attidentity <> ''"
        " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))"
        " AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped"
        " ORDER BY c.relname, a.attnum"
    ),
}
_UNIQUE: Final = {
    "sqlite": text(
        "SELECT lower(m.name), min(k.name) FROM sqlite_master m JOIN pragma_index_list(m.name) i"
        " JOIN pragma_index_info(i.name) k WHERE m.type = 'table' AND i.\"unique\""
        " AND NOT i.partial GROUP BY m.name, i.name HAVING count(*) = 1"
    ),
    "postgresql": text(
        "SELECT c.relname::text, a.attname::text FROM pg_catalog.pg_index i"
        " JOIN pg_catalog.pg_class c ON c.oid = i.indrelid"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
        " WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))"
        " AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indpred IS NULL"
    ),
}


async def read_catalog(read: Read, dialect: str) -> dict[str, CatalogTable]:
    """Reads every table of the file, or of the first schema in PostgreSQL's search path.

    Names of SQLite tables are in lower case, because SQLite ignores case.
    """
    columns: dict[str, dict[str, CatalogColumn]] = {}
    for table, column, kind, nullable, has_default in await read(_COLUMNS[dialect]):
        found = CatalogColumn(kind, bool(nullable), bool(has_default))
        columns.setdefault(table, {})[column] = found
    unique: dict[str, set[str]] = {}
    for table, column in await read(_UNIQUE[dialect]):
        unique.setdefault(table, set()).add(column)
    return {
        table: CatalogTable(of_table, frozenset(unique.get(table, ())))
        for table, of_table in columns.items()
    }
