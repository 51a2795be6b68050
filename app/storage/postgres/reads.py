"""Hot reads on PostgreSQL: SQLAlchemy compiles a statement once, asyncpg runs it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Final
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy import (
    BindParameter,
    Dialect,
    Executable,
    Select,
    Text,
    bindparam,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from ...bridge.postgres_engine import Connect
from ...bridge.postgres_hosts import Connection
from ...models.column_types import AnyColumnType, IdType, UuidText
from ...models.errors import StoreUnavailable
from ..compiled import CompiledStatement, StatementCompiler, StoredRow, compile_statement
from ..pool_use import PoolUse
from ..refused_values import has_nul
from .batching import BatchFailed, BatchLoader
from .statement_connections import StatementConnections

AnySelect = Select[*tuple[object, ...]]
CONNECTIONS: Final = 6
QUEUE_SECONDS: Final = 5


class HotReads:
    """Uses its own connections, only for single statements.

    Reads with a text parameter that wait at the same time become one statement. Raises the errors
    of asyncpg, StoreUnavailable and TimeoutError.
    """

    def __init__(self, dialect: Dialect, connect: Connect) -> None:
        self._connections = StatementConnections(
            partial(_connect_prepared, connect), size=CONNECTIONS, queue_seconds=QUEUE_SECONDS
        )
        self._use = PoolUse("lookups", CONNECTIONS)
        self._dialect = dialect
        self._compiler = StatementCompiler(dialect)
        self._loaders: WeakKeyDictionary[Executable, BatchLoader[StoredRow] | None] = (
            WeakKeyDictionary()
        )

    async def read_one(
        self, statement: Executable, parameters: Mapping[str, object]
    ) -> StoredRow | None:
        """Returns the first row. Keep `statement`, a SELECT: see `StatementCompiler`."""
        key = _find_text_key(parameters)
        loader = None if key is None else self._find_loader(statement, *parameters)
        if key is None or loader is None:
            return await self._read_alone(self._compiler.compile(statement), parameters)
        try:
            return await loader.find(key)
        except BatchFailed as failed:
            if isinstance(failed.fault, TimeoutError | StoreUnavailable):
                raise StoreUnavailable from failed.fault
            # It may be another's row that can't be read.
            return await self._read_alone(self._compiler.compile(statement), parameters)

    async def close(self) -> None:
        """Closes the connections."""
        await self._connections.close()

    def _find_loader(self, statement: Executable, name: str) -> BatchLoader[StoredRow] | None:
        try:
            return self._loaders[statement]
        except KeyError:
            assert isinstance(statement, Select)
            loader = self._loaders[statement] = self._make_loader(statement, name)
            return loader

    def _make_loader(self, statement: AnySelect, name: str) -> BatchLoader[StoredRow] | None:
        compiled = self._compiler.compile(statement)
        kind = _find_key_type(statement, name, compiled)
        batched = None if kind is None else make_batched_select(statement, name, kind)
        if batched is None:
            return None
        compiled_batch = compile_statement(batched, self._dialect)
        return BatchLoader(partial(self._read_batch, name, compiled, compiled_batch))

    async def _read_batch(
        self,
        name: str,
        compiled: CompiledStatement,
        compiled_batch: CompiledStatement,
        keys: Sequence[str],
    ) -> Sequence[StoredRow | None]:
        if len(keys) == 1:
            return [await self._read_alone(compiled, {name: keys[0]})]
        convert = dict(compiled.inputs)[name]
        sent = keys if convert is None else [convert(key) for key in keys]
        arguments = compiled_batch.make_arguments({name: sent})
        async with self._use.watch(self._connections.reserve()) as connection:
            records = await connection.fetch(compiled_batch.sql, *arguments)
        rows = {record[0]: StoredRow(record[1:], compiled.make_row) for record in records}
        return [rows.get(at) for at in range(1, len(keys) + 1)]

    async def _read_alone(
        self, compiled: CompiledStatement, parameters: Mapping[str, object]
    ) -> StoredRow | None:
        async with self._use.watch(self._connections.reserve()) as connection:
            record = await connection.fetchrow(compiled.sql, *compiled.make_arguments(parameters))
        return None if record is None else StoredRow(record[:], compiled.make_row)


def make_batched_select(statement: AnySelect, name: str, kind: AnyColumnType) -> AnySelect | None:
    """Returns a SELECT for many keys: the position of each key from 1, and its row.

    `name` is the parameter of `statement`, which finds one row by it; afterwards it takes an array
    of `kind`. None if `statement` contains another SELECT, where a key would not be its own.
    """
    if sum(isinstance(part, SelectBase) for part in iterate(statement)) > 1:
        return None
    asked = (
        func.unnest(bindparam(name, type_=ARRAY(kind)))
        .table_valued("key", with_ordinality="at", name="asked")
        .render_derived()
    )

    def replace_key(element: object, **_: object) -> ColumnElement[object] | None:
        is_key = isinstance(element, BindParameter) and element.key == name
        return asked.c.key if is_key else None

    of_key = replacement_traverse(statement, {}, replace_key)
    assert isinstance(of_key, Select)
    # Names of their own: two tables' columns may be called alike, and an added one like another.
    columns = [column.label(f"c{at}") for at, column in enumerate(of_key.selected_columns)]
    renamed = of_key.with_only_columns(*columns, maintain_column_froms=True)
    found = renamed.limit(literal_column("1")).lateral("found")
    return select(asked.c.at, *found.c).select_from(asked.join(found, true()))


def _find_key_type(
    statement: AnySelect, name: str, compiled: CompiledStatement
) -> AnyColumnType | None:
    """Returns the type of a text or an id. None for another, whose conversion may fail."""
    binds = (part for part in iterate(statement) if isinstance(part, BindParameter))
    types = [bind.type for bind in binds if bind.key == name]
    if types and all(isinstance(each, IdType) for each in types):
        return UuidText()
    return Text() if dict(compiled.inputs)[name] is None else None


def _find_text_key(parameters: Mapping[str, object]) -> str | None:
    """Returns the only parameter if every value of it is valid, so no read can break a batch."""
    if len(parameters) != 1:
        return None
    (value,) = parameters.values()
    return value if isinstance(value, str) and value.isascii() and not has_nul(value) else None


async def _connect_prepared(connect: Connect) -> Connection:
    """Opens a connection for these lookups by unique index, which need only one query plan."""
    connection = await connect()
    try:
        with suppress(asyncpg.PostgresError):  # new in PostgreSQL 12, and nothing depends on it
            await connection.execute("SET plan_cache_mode = force_generic_plan")
    except BaseException:  # also if nobody waits for it any more
        connection.terminate()
        raise
    return connection
