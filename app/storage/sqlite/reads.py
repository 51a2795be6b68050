"""Hot reads on SQLite: one connection, used directly on the event loop."""

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from sqlalchemy import URL, Connection, Executable, StaticPool, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from ..compiled import StatementCompiler, StoredRow

# SQLite's own 2,000 are too few for the inner pages of a million users' indexes.
CACHE_KIB: Final = 8_000


class HeldReads:
    """Never writes, never waits for a lock, and keeps no cursor (it would pin the snapshot).

    Raises the errors of sqlite3 and, for a statement without parameters, `DBAPIError`.
    """

    def __init__(self, url: URL) -> None:
        self._connection = _open_held(url)
        raw = self._connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        self._raw = raw
        self._compiler = StatementCompiler(self._connection.dialect)

    def read_version(self) -> int:
        """Returns `PRAGMA data_version`, which every commit of another connection changes."""
        return int(self._raw.execute("PRAGMA data_version").fetchall()[0][0])

    def read_one(self, statement: Executable, parameters: Mapping[str, object]) -> StoredRow | None:
        """Returns the first row. With parameters, keep `statement`, a SELECT."""
        # All rows are fetched, because that ends the cursor.
        if not parameters:
            rows = self._connection.execute(statement).all()
            return StoredRow.wrap(rows[0]) if rows else None
        compiled = self._compiler.compile(statement)
        found = self._raw.execute(compiled.sql, compiled.make_arguments(parameters)).fetchall()
        return StoredRow(found[0], compiled.make_row) if found else None

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()
        self._connection.engine.dispose()


def forbid_writing(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    """Makes a new connection read-only."""
    set_pragma(connection, "query_only=ON")


def set_pragma(connection: sqlite3.Connection, pragma: str) -> None:
    """Runs `PRAGMA …`. SQLAlchemy 2.0 returns a cursor of its driver from `execute`."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def add_casefold(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    """Gives a new connection `casefold(text)`."""
    connection.create_function("casefold", 1, _fold_case, deterministic=True)


def _fold_case(value: str | None) -> str | None:
    """Folds case like Unicode. `lower` of SQLite knows only ASCII."""
    return None if value is None else value.casefold()


def _open_held(url: URL) -> Connection:
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": 0},
        poolclass=StaticPool,
        hide_parameters=True,
    )
    event.listen(engine, "connect", forbid_writing)
    event.listen(engine, "connect", _set_cache_size)
    return engine.connect()


def _set_cache_size(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    with suppress(sqlite3.OperationalError):  # a file that is locked now keeps SQLite's own
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}").close()
