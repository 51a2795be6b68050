"""Engines that read and write PostgreSQL with asyncpg. Needs SQLAlchemy."""

import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal
from uuid import uuid4

import asyncpg
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from .database_url import PostgresUrl
from .postgres_hosts import Connection, connect_first

Connect = Callable[[], Awaitable[Connection]]


class UniquelyNamed(asyncpg.Connection):  # type: ignore[misc]  # asyncpg publishes no types
    """A connection whose prepared statements are called like no other.

    asyncpg numbers them in each process. Behind a transaction pooler one process could run the
    statement of another; with names of their own it gets an error.
    """

    def _get_unique_id(self, prefix: str) -> str:
        return f"__asyncpg_{prefix}_{uuid4().hex}__"

    @property
    def server(self) -> object:
        """Which of the hosts this is: host and port, or a socket."""
        return self._addr


async def open_connection(
    url: PostgresUrl,
    *,
    connect_seconds: float,
    statement_seconds: float | None,
    tls: ssl.SSLContext | None,
) -> Connection:
    """Opens a connection. Raises the errors of asyncpg, OSError and ValueError."""

    async def connect(dsn: str) -> Connection:
        return await asyncpg.connect(
            dsn,
            command_timeout=statement_seconds,
            statement_cache_size=100 if url.prepared else 0,
            connection_class=UniquelyNamed,
            ssl=tls,
        )

    return await connect_first(url.dsns, connect, seconds=url.connect_timeout or connect_seconds)


def create_postgres_engine(
    url: PostgresUrl,
    connect: Connect,
    *,
    size: int,
    queue_seconds: float,
    isolation_level: Literal["READ COMMITTED"] | None = None,
) -> AsyncEngine:
    """Returns an engine with a pool of `size` connections, which `connect` opens.

    If all of them are in use, a caller waits for `queue_seconds`.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",
        isolation_level=isolation_level,
        connect_args={
            "async_creator_fn": connect,
            **({} if url.prepared else {"prepared_statement_cache_size": 0}),
        },
        pool_size=size,
        max_overflow=0,
        pool_timeout=queue_seconds,
        pool_use_lifo=True,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    if url.search_path is not None:
        event.listen(engine.sync_engine, "begin", partial(_set_search_path, url.search_path))
    return engine


def set_autocommit(engine: AsyncEngine, url: PostgresUrl) -> AsyncEngine:
    """Returns the engine for single reads: without a transaction, except for a transaction pooler.

    Such a pooler may send what follows a bare Parse to another server.
    """
    return engine.execution_options(isolation_level="AUTOCOMMIT") if url.prepared else engine


def create_system_tls(url: PostgresUrl) -> ssl.SSLContext | None:
    """Returns the TLS settings with the system's certificates. None if the URL does not ask."""
    if not url.system_certificates:
        return None
    context = ssl.create_default_context()
    context.check_hostname = "sslmode=verify-full" in url.dsns[0]
    return context


def _set_search_path(path: str, connection: SyncConnection) -> None:
    """Sets it until the transaction ends, because the next one may be another client's."""
    connection.exec_driver_sql("SELECT set_config('search_path', $1, true)", (path,))


def _refuse_closed(
    _connection: object, _entry: ConnectionPoolEntry, proxy: PoolProxiedConnection
) -> None:
    """Refuses a closed connection. The driver knows it without a round trip."""
    if proxy.driver_connection.is_closed():  # type: ignore[union-attr]  # asyncpg's connection
        raise DisconnectionError
