"""PostgreSQL databases that are copies of one, emptied after a test instead of made anew.

To make one and to drop it takes 60 to 100 milliseconds, to empty it some.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

_LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
# Whatever changes a definition, a right or a setting writes a row of the catalog anew.
_DEFINITIONS = """
SELECT md5(string_agg(entry::text, ',' ORDER BY entry::text)) FROM (
  SELECT 'class', oid, xmin::text FROM pg_class WHERE oid >= 16384
  UNION ALL SELECT 'column', attrelid, max(xmin::text) || count(*)
    FROM pg_attribute WHERE attrelid >= 16384 GROUP BY attrelid
  UNION ALL SELECT 'constraint', oid, xmin::text FROM pg_constraint WHERE oid >= 16384
  UNION ALL SELECT 'default', oid, xmin::text FROM pg_attrdef
  UNION ALL SELECT 'trigger', oid, xmin::text FROM pg_trigger
  UNION ALL SELECT 'function', oid, xmin::text FROM pg_proc WHERE oid >= 16384
  UNION ALL SELECT 'type', oid, xmin::text FROM pg_type WHERE oid >= 16384
  UNION ALL SELECT 'schema', oid, xmin::text FROM pg_namespace
  UNION ALL SELECT 'extension', oid, xmin::text FROM pg_extension
  UNION ALL SELECT 'policy', oid, xmin::text FROM pg_policy
  UNION ALL SELECT 'right', oid, xmin::text FROM pg_default_acl
  UNION ALL SELECT 'setting', setdatabase, pg_db_role_setting.xmin::text
    FROM pg_db_role_setting JOIN pg_database ON setdatabase = pg_database.oid
    WHERE datname = current_database()
  UNION ALL SELECT 'database', oid, xmin::text FROM pg_database
    WHERE datname = current_database()
) AS entry
"""
_END_OTHERS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# A row that was deleted leaves a gap, and who reads without an order would notice.
_WRITTEN = "SELECT name FROM unnest($1::text[]) AS name WHERE pg_relation_size(name::regclass) > 0"
_TABLES = """
SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
_SEQUENCES = "SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'"


class _Template(Struct, frozen=True):
    """`tables` are empty, `rows` selects what the others hold, `restart` is for sequences."""

    tables: list[str]
    rows: str
    restart: str


class _Spare(Struct, frozen=True):
    """A database that may be given out; `definitions` and `rows` as they were before."""

    name: str
    connection: asyncpg.Connection
    definitions: str
    rows: str


class SpareDatabases:
    """Copies of the database `template` on the server at `url`, for one test after the other.

    Who changes a definition, or a row that the template has, is the last to have that copy.
    """

    def __init__(self, url: str, template: str) -> None:
        self._url = url
        self._name = template
        self._spare: list[_Spare] = []
        self._runner = asyncio.Runner()
        self._template = self._runner.run(self._read_template())

    @contextmanager
    def one(self) -> Iterator[str]:
        """The URL of a copy that nobody else has."""
        spare = self._spare.pop() if self._spare else self._runner.run(self._make())
        yield self._url_of(spare.name)
        if restored := self._runner.run(self._restore(spare)):
            self._spare.append(restored)
        else:
            self._runner.run(self._drop(spare))

    def close(self) -> None:
        for spare in self._spare:
            self._runner.run(self._drop(spare))
        self._runner.close()

    async def _read_template(self) -> _Template:
        connection = await asyncpg.connect(self._url_of(self._name))
        tables = [row[0] for row in await connection.fetch(_TABLES)]
        sequences = [row[0] for row in await connection.fetch(_SEQUENCES)]
        filled = [
            table for table in tables if await connection.fetch(f"SELECT FROM {table} LIMIT 1")
        ]
        await connection.close()
        rows = [f"(SELECT string_agg(t::text, ',' ORDER BY t::text) FROM {t} t)" for t in filled]
        restarts = [f"setval('{sequence}', 1, false)" for sequence in sequences]
        return _Template(
            [table for table in tables if table not in filled],
            f"SELECT ARRAY[{','.join(rows)}]::text",
            f"SELECT {','.join(restarts)}",
        )

    async def _make(self) -> _Spare:
        name = f"test_{uuid4().hex}"
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{self._name}" STRATEGY FILE_COPY')
        connection = await asyncpg.connect(self._url_of(name))
        definitions = await connection.fetchval(_DEFINITIONS)
        rows = await connection.fetchval(self._template.rows)
        return _Spare(name, connection, definitions, rows)

    async def _restore(self, spare: _Spare) -> _Spare | None:
        """Empties it; None where somebody changed more than rows."""
        connection, template = spare.connection, self._template
        try:
            while await connection.fetchval(_END_OTHERS):  # noqa: ASYNC110  # no event tells of it
                await asyncio.sleep(0.001)
            if await connection.fetchval(_DEFINITIONS) != spare.definitions:
                return None
            if await connection.fetchval(template.rows) != spare.rows:
                return None
            written = await connection.fetch(_WRITTEN, template.tables)
            if written:
                tables = ",".join(row[0] for row in written)
                await connection.execute(f"TRUNCATE {tables} CASCADE; {template.restart}")
            # What is emptied lies in another file, which the catalog knows.
            return replace(spare, definitions=await connection.fetchval(_DEFINITIONS))
        except _LOST:
            return None  # somebody ended this connection

    async def _drop(self, spare: _Spare) -> None:
        with suppress(*_LOST):
            await spare.connection.close()
        await self._execute(f'DROP DATABASE "{spare.name}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._url)
        await connection.execute(statement)
        await connection.close()

    def _url_of(self, name: str) -> str:
        return self._url.replace("/postgres?", f"/{name}?")
