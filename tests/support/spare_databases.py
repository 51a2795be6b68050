"""PostgreSQL databases that are copies of one, restored after a test instead of made anew.

To make one and to drop it takes 60 to 100 milliseconds, and several times as long while others
write, because the server then saves what all databases have changed. To empty its tables takes
some milliseconds, and to make them again some twenty.
"""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from uuid import uuid4

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from tests.support.postgres import program, url_of

_MOST_REBUILDS: Final = 25  # each leaves rows in the catalog, which nobody clears away
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
# All that a database has next to what is in its schemas, and how much is in those.
_SURROUNDINGS = """
SELECT string_agg(entry::text, ',' ORDER BY entry::text) FROM (
  SELECT 'schema', nspname::text, nspowner::text, nspacl::text FROM pg_namespace
    WHERE nspname !~ '^pg_(toast_)?temp_'
  UNION ALL SELECT 'extension', extname, NULL, NULL FROM pg_extension
  UNION ALL SELECT 'language', lanname, NULL, NULL FROM pg_language
  UNION ALL SELECT 'publication', pubname, NULL, NULL FROM pg_publication
  UNION ALL SELECT 'event', evtname, NULL, NULL FROM pg_event_trigger
  UNION ALL SELECT 'right', oid::text, defaclobjtype::text, defaclacl::text FROM pg_default_acl
  UNION ALL SELECT 'setting', setrole::text, setconfig::text, NULL
    FROM pg_db_role_setting JOIN pg_database ON setdatabase = pg_database.oid
    WHERE datname = current_database()
  UNION ALL SELECT 'database', datdba::text, datacl::text, datconnlimit || datallowconn::text
    FROM pg_database WHERE datname = current_database()
  UNION ALL SELECT 'many', relkind::text, count(*)::text, NULL
    FROM pg_class WHERE oid >= 16384 GROUP BY relkind
  UNION ALL SELECT 'many', contype::text, count(*)::text, NULL
    FROM pg_constraint WHERE oid >= 16384 GROUP BY contype
  UNION ALL SELECT 'functions', count(*)::text, NULL, NULL FROM pg_proc WHERE oid >= 16384
  UNION ALL SELECT 'types', count(*)::text, NULL, NULL FROM pg_type WHERE oid >= 16384
) AS entry
"""
# The schema `public` stays, because a new one is not quite as that of a new database.
_DROPS = """
SELECT format('DROP %s IF EXISTS %s CASCADE;', kind, name) FROM (
  SELECT 'SCHEMA', quote_ident(nspname) FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
  UNION ALL SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
      WHEN 'S' THEN 'SEQUENCE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, oid::regclass::text
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN (
      'r', 'p', 'v', 'm', 'S', 'c')
  UNION ALL SELECT 'ROUTINE', oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT 'TYPE', oid::regtype::text FROM pg_type
    WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e', 'r')
) AS found (kind, name) ORDER BY kind <> 'TABLE'
"""
# A row that was deleted leaves a gap, and who reads without an order would notice.
_WRITTEN = "SELECT name FROM unnest($1::text[]) AS name WHERE pg_relation_size(name::regclass) > 0"
_TABLES = """
SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
_SEQUENCES = "SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'"


class _Template(Struct, frozen=True):
    """`tables` are empty, `rows` selects what the others hold, `restart` is for sequences.

    `script` makes all of it.
    """

    tables: list[str]
    rows: str
    restart: str
    script: str


class _Spare(Struct, frozen=True):
    """A database that may be given out; `definitions` and the like are as they were before."""

    name: str
    connection: asyncpg.Connection
    definitions: str
    rows: str
    surroundings: str
    rebuilds: int = 0


class SpareDatabases:
    """Copies of the database `template` on the server at `url`, for one test after the other.

    Where a test changed a definition, or a row that the template has, all tables are made again.
    Who changes what is in no schema is the last to have that copy.
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
        """Leaves them to the server, which does not outlive the run."""
        for spare in self._spare:
            self._runner.run(self._leave(spare))
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
            f"SELECT ARRAY[{','.join(rows)}]::text[]::text",
            f"SELECT {','.join(restarts)}",
            await asyncio.to_thread(_dump, self._url_of(self._name)) if tables else "",
        )

    async def _make(self) -> _Spare:
        name = f"test_{uuid4().hex}"
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{self._name}" STRATEGY FILE_COPY')
        connection = await asyncpg.connect(self._url_of(name))
        definitions = await connection.fetchval(_DEFINITIONS)
        rows = await connection.fetchval(self._template.rows)
        surroundings = await connection.fetchval(_SURROUNDINGS)
        return _Spare(name, connection, definitions, rows, surroundings)

    async def _restore(self, spare: _Spare) -> _Spare | None:
        """Makes it what it was; None where that is not possible."""
        connection = spare.connection
        try:
            while await connection.fetchval(_END_OTHERS):  # noqa: ASYNC110  # no event tells of it
                await asyncio.sleep(0.001)
            if await self._has_only_more_rows(spare):
                await self._empty(spare)
            elif spare.rebuilds < _MOST_REBUILDS:
                spare = replace(spare, rebuilds=spare.rebuilds + 1)
                await self._rebuild(spare)
                if not await self._is_as_before(spare):
                    return None
            else:
                return None
            # What is made again, or lies in another file, has other rows in the catalog.
            return replace(spare, definitions=await connection.fetchval(_DEFINITIONS))
        except _LOST:
            return None  # somebody ended this connection

    async def _has_only_more_rows(self, spare: _Spare) -> bool:
        if await spare.connection.fetchval(_DEFINITIONS) != spare.definitions:
            return False
        rows: str = await spare.connection.fetchval(self._template.rows)
        return rows == spare.rows

    async def _empty(self, spare: _Spare) -> None:
        written = await spare.connection.fetch(_WRITTEN, self._template.tables)
        if written:
            tables = ",".join(row[0] for row in written)
            await spare.connection.execute(f"TRUNCATE {tables} CASCADE; {self._template.restart}")

    async def _rebuild(self, spare: _Spare) -> None:
        """Drops all that is in schemas and makes it again."""
        drops = [row[0] for row in await spare.connection.fetch(_DROPS)]
        await spare.connection.execute("\n".join([*drops, self._template.script, "RESET ALL"]))

    async def _is_as_before(self, spare: _Spare) -> bool:
        rows = await spare.connection.fetchval(self._template.rows)
        surroundings = await spare.connection.fetchval(_SURROUNDINGS)
        return (rows, surroundings) == (spare.rows, spare.surroundings)

    async def _drop(self, spare: _Spare) -> None:
        await self._leave(spare)
        await self._execute(f'DROP DATABASE "{spare.name}" WITH (FORCE)')

    async def _leave(self, spare: _Spare) -> None:
        with suppress(*_LOST):
            await spare.connection.close()

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._url)
        await connection.execute(statement)
        await connection.close()

    def _url_of(self, name: str) -> str:
        return url_of(self._url, name)


def _dump(url: str) -> str:
    """SQL that makes what is in this database."""
    command = [program("pg_dump"), "--dbname", url, "--inserts"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith("\\"))  # for psql
