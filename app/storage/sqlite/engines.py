"""The engines of SQLAlchemy for a SQLite file: one that writes, others that read."""

import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, ExceptionContext, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from .reads import forbid_writing, set_pragma
from .thread import ThreadConnection

BUSY_SECONDS: Final = 5
QUEUE_SECONDS: Final = 10


def open_writing_engine(path: Path, *, busy_seconds: float, mode: str = "rw") -> AsyncEngine:
    """Returns an engine with one connection: one writer per process, in order of arrival.

    `mode` is that of SQLite's URI filenames.
    """
    engine = create_async_engine(
        make_url("sqlite+aiosqlite", path, mode),
        connect_args={"timeout": busy_seconds, "async_creator_fn": ThreadConnection},
        pool_size=1,
        max_overflow=0,
        pool_timeout=QUEUE_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _prepare_writer)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    event.listen(engine.sync_engine, "handle_error", _replace_if_readonly)
    return engine


def open_reading_engine(path: Path, size: int) -> AsyncEngine:
    """Returns an engine whose connections cannot write, each with a thread."""
    engine = create_async_engine(
        make_url("sqlite+aiosqlite", path),
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": BUSY_SECONDS, "async_creator_fn": ThreadConnection},
        pool_size=size,
        max_overflow=0,
        pool_timeout=QUEUE_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", forbid_writing)
    return engine


def _prepare_writer(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver must not begin by itself: its BEGIN would take the lock too late.
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "synchronous=FULL"):
        set_pragma(connection, pragma)


def _begin_immediate(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, ThreadConnection)
    driver.begin_immediate()


def _replace_if_readonly(context: ExceptionContext) -> None:
    # SQLite opens a file that can't be written for reading, and the connection stays that way.
    code = getattr(context.original_exception, "sqlite_errorcode", 0)
    if context.connection is not None and code & 0xFF == sqlite3.SQLITE_READONLY:
        context.connection.connection.invalidate(soft=True)


def make_url(driver: str, path: Path, mode: str = "rw") -> URL:
    """Returns the URL of a file for SQLAlchemy."""
    return URL.create(driver, database=make_uri(path, mode), query={"uri": "true"})


def make_uri(path: Path, mode: str = "rw") -> str:
    """Returns the name of a file for SQLite. `mode` is that of its URI filenames."""
    # Without "c" a file that went away is an error, never a fresh empty database.
    return f"file:{quote(str(path.absolute()))}?mode={mode}"
