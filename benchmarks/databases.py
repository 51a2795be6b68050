"""Where the servers' databases are: SQLite files, or a PostgreSQL server of the run's own."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import asyncpg
from msgspec import Struct

from benchmarks import cores
from tests.support.postgres import running_postgres
from tests.system.parity.servers import NewPlace, postgres_place, sqlite_place

NAMES: Final = ("sqlite", "postgresql")
NONE: Final = "no database"


class Engine(Struct, frozen=True):
    """`pid` is PostgreSQL's, which shares the load generator's cores; SQLite has none."""

    name: str
    new_place: NewPlace
    pid: int | None = None

    def move(self, to: Sequence[int]) -> None:
        if self.pid is not None:
            cores.move(self.pid, to)


@contextmanager
def running(name: str) -> Iterator[Engine]:
    if name != "postgresql":
        yield Engine(name, sqlite_place)
        return
    # Nothing is configured: it keeps what it answered, as it does where it is installed.
    with running_postgres(configuration="") as url:
        yield Engine(name, postgres_place(url), asyncio.run(_pid(url)))


async def _pid(url: str) -> int:
    connection = await asyncpg.connect(url)
    backend = await connection.fetchval("SELECT pg_backend_pid()")
    server = cores.parent(backend)  # as long as there is one: it ends with the connection
    await connection.close()
    return server


def folder_of(base: Path, *names: str) -> Path:
    folder = base.joinpath(*names)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
