"""Reads the tables of a database from its catalog."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Executable, Row, text

Read = Callable[[Executable], Awaitable[Sequence[Row[*tuple[Any, ...]]]]]


@dataclass(frozen=True, slots=True)
class CatalogColumn:
    """A column. `type` is the declared type, in lower case; `default` is SQL.

    `generated`: the database computes it, and refuses values.
    """

    type: str
    nullable: bool
    has_default: bool
    default: str = ""
    generated: bool = False


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table.

    `unique`: the columns with their own unique index. `references`: the key of the table that a
    column refers to. `place`: the position of its schema in the search path; None if it is not
    there. On SQLite all tables have the schema `""` and the place 0.
    """

    name: str
    columns: Mapping[str, CatalogColumn]
    schema: str = ""
    place: int | None = 0
    unique: frozenset[str] = frozenset()
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """Schema and name."""
        return self.schema, self.name


class Catalog:
    """The tables that a search path reaches, by name, and all others.

    SQLite ignores the case of a name, PostgreSQL does not.
    """

    def __init__(self, tables: Iterable[CatalogTable], dialect: str, schema: str = "") -> None:
        """`schema` is the one in which a new table is made."""
        self.tables = tuple(tables)
        self.dialect = dialect
        self.schema = schema
        reached = [table for table in self.tables if table.place is not None]
        reached.sort(key=lambda table: -(table.place or 0))
        self._by_name = {self._fold(table.name): table for table in reached}

    def find(self, name: str) -> CatalogTable | None:
        """Returns the table that this name means in a statement, or None."""
        return self._by_name.get(self._fold(name))

    def find_in(self, schema: str, name: str) -> CatalogTable | None:
        """Returns the table of a schema, or None."""
        folded = self._fold(name)
        return next(
            (t for t in self.tables if t.schema == schema and self._fold(t.name) == folded), None
        )

    def find_here(self, name: str) -> CatalogTable | None:
        """Returns the table that would be in the way of a new one with this name, or None."""
        return self.find_in(self.schema, name)

    def _fold(self, name: str) -> str:
        return name.lower() if self.dialect == "sqlite" else name


_SCHEMA: Final = text("SELECT coalesce(current_schema()::text, '')")
_COLUMNS: Final = {
    "sqlite": text(
        "SELECT '', 0, m.name, c.name, lower(c.type), c.\"notnull\" = 0 AND c.pk = 0,"
        " c.dflt_value IS NOT NULL OR c.hidden > 0, coalesce(c.dflt_value, ''),"
        " c.hidden > 1"
        " FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c"
        " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY m.name, c.cid"
    ),
    "postgresql": text(
        "SELECT n.nspname::text, array_position(current_schemas(false), n.nspname) - 1,"
        " c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),"
        " NOT a.attnotnull, a.atthasdef OR a.attidentity <> '',"
        " coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attgenerated <> ''"
        " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"
        " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
        " WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition"
        " AND a.attnum > 0 AND NOT a.attisdropped"
        " AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
        " ORDER BY n.nspname, c.relname, a.attnum"
    ),
}
_UNIQUE: Final = {
    "sqlite": text(
        "SELECT '', m.name, min(k.name) FROM sqlite_master m JOIN pragma_index_list(m.name) i"
        " JOIN pragma_index_info(i.name) k WHERE m.type = 'table' AND i.\"unique\""
        " AND NOT i.partial GROUP BY m.name, i.name HAVING count(*) = 1"
    ),
    "postgresql": text(
        "SELECT n.nspname::text, c.relname::text, a.attname::text FROM pg_catalog.pg_index i"
        " JOIN pg_catalog.pg_class c ON c.oid = i.indrelid"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
        " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
        " AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indpred IS NULL"
    ),
}
_REFERENCES: Final = {
    "sqlite": text(
        "SELECT '', m.name, f.\"from\", '', f.\"table\" FROM sqlite_master m"
        " JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
    ),
    "postgresql": text(
        "SELECT n.nspname::text, c.relname::text, a.attname::text, tn.nspname::text,"
        " t.relname::text FROM pg_catalog.pg_constraint k"
        " JOIN pg_catalog.pg_class c ON c.oid = k.conrelid"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]"
        " JOIN pg_catalog.pg_class t ON t.oid = k.confrelid"
        " JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace"
        " WHERE k.contype = 'f' AND array_length(k.conkey, 1) = 1"
        " AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    ),
}


async def read_catalog(read: Read, dialect: str) -> Catalog:
    """Reads every table of the file, or of all schemas of the PostgreSQL database.

    `dialect` is `sqlite` or `postgresql`.
    """
    columns: dict[tuple[str, str], dict[str, CatalogColumn]] = {}
    places: dict[tuple[str, str], int | None] = {}
    for schema, place, table, column, kind, *details in await read(_COLUMNS[dialect]):
        places[schema, table] = place
        nullable, has_default, default, generated = details
        found = CatalogColumn(kind, bool(nullable), bool(has_default), default, bool(generated))
        columns.setdefault((schema, table), {})[column] = found
    unique: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in await read(_UNIQUE[dialect]):
        unique.setdefault((schema, table), set()).add(column)
    references: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for schema, table, column, to_schema, to_table in await read(_REFERENCES[dialect]):
        references.setdefault((schema, table), {})[column] = (to_schema, to_table)
    current = "" if dialect == "sqlite" else (await read(_SCHEMA))[0][0]
    tables = [
        CatalogTable(
            name=key[1],
            columns=of_table,
            schema=key[0],
            place=places[key],
            unique=frozenset(unique.get(key, ())),
            references=references.get(key, {}),
        )
        for key, of_table in columns.items()
    ]
    return Catalog(tables, dialect, current)
