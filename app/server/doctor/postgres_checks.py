"""Checks of a PostgreSQL server: what a crash may cost, room for connections, encryption."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text

from ...bridge.database_url import PostgresUrl
from ...settings.settings import Settings
from ...storage.database import Database
from ...storage.postgres.database import CONNECTIONS, SEARCHERS
from ...storage.postgres.joined_steps import CONNECTIONS as WRITERS
from ...storage.postgres.reads import CONNECTIONS as READERS
from .finding import Finding, Result
from .hosts import is_local

OLDEST: Final = 14  # older releases get no corrections any more
_CHECK: Final = "database"
_OF_A_PROCESS: Final = CONNECTIONS + SEARCHERS + READERS + WRITERS
_SETTINGS: Final = text(
    "SELECT current_setting('server_version_num')::int,"
    " current_setting('synchronous_commit', true), current_setting('fsync', true),"
    " current_setting('full_page_writes', true), current_setting('max_connections')::int,"
    " host(inet_server_addr())"
)
_ENCRYPTED: Final = text(
    "SELECT coalesce(bool_or(ssl), false) FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
)


async def inspect_postgres(
    database: Database, url: PostgresUrl, settings: Settings
) -> list[Finding]:
    """Reads the settings of the server and of this connection."""
    ((number, commit, fsync, pages, most, address),) = await database.read_all(_SETTINGS)
    ((encrypted,),) = await database.read_all(_ENCRYPTED)
    found = [*_judge_release(number), *_judge_durability(commit, fsync, pages)]
    if not url.prepared:
        line = "a pooler is in between: it knows its connections, and whether they are encrypted"
        return [*found, Finding(_CHECK, Result.UNCHECKED, line)]
    found += _judge_connections(most, settings.workers, url)
    return [*found, *_judge_network(address, url, is_encrypted=encrypted)]


def _judge_release(number: int) -> Iterator[Finding]:
    major = number // 10_000
    if major < OLDEST:
        line = f"PostgreSQL {major} gets no corrections any more"
        yield Finding(_CHECK, Result.WARNING, line, "upgrade to a supported release")
    else:
        yield Finding(_CHECK, Result.OK, f"PostgreSQL {major}.{number % 10_000}")


def _judge_durability(
    commit: str | None, fsync: str | None, pages: str | None
) -> Iterator[Finding]:
    """Own connections set synchronous_commit; a pooler lends those of others."""
    if "off" in (fsync, pages):
        line = "fsync or full_page_writes is off: a power failure can destroy the database"
        yield Finding(_CHECK, Result.WRONG, line, "ALTER SYSTEM SET fsync = on, the same for both")
    if commit == "off":
        line = "synchronous_commit is off: a crash can lose writes that were answered"
        remedy = "ALTER DATABASE … SET synchronous_commit = on"
        yield Finding(_CHECK, Result.WARNING, line, remedy)
    else:
        line = f"synchronous_commit is {commit or 'unknown'}, transactions are READ COMMITTED"
        yield Finding(_CHECK, Result.OK, line)


def _judge_connections(most: int, workers: int, url: PostgresUrl) -> Iterator[Finding]:
    # With several hosts each process also watches which one is the primary.
    needed = workers * (_OF_A_PROCESS + url.follows_primary)
    line = f"this node opens up to {needed} connections, and the server allows {most} to all"
    if needed > most:
        remedy = (
            "raise max_connections, lower WORKERS, or put a pooler in between (docs/scaling.md)"
        )
        yield Finding(_CHECK, Result.WARNING, line, remedy)
    else:
        yield Finding(_CHECK, Result.OK, line)


def _judge_network(
    address: str | None, url: PostgresUrl, *, is_encrypted: bool
) -> Iterator[Finding]:
    """A socket, or an address of this machine, needs no TLS."""
    if address is None or is_encrypted or is_local(address):
        return
    line = f"the connection to {url.name} is not encrypted: others in that network can read it"
    yield Finding(_CHECK, Result.WARNING, line, "add ?sslmode=verify-full to DATABASE_URL")
