"""How long the deletion of expired sessions holds up others: `python -m benchmarks.cleaning`.

It takes some minutes for each engine. A table of a million sessions is made by SQL. Every few steps
one row of another table is written, to see how long that takes on this machine at this time.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Executable, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.tables import sessions, users
from app.schema.migrate import migrate
from app.schema.state import SchemaState
from app.server.cleaning import Cleaner, Progress
from app.server.expiring import Expiring, list_expiring
from app.settings.settings import Settings
from app.storage.compiled import AnyRow
from app.storage.database import Database, open_database
from tests.support.postgres import new_database, running_postgres

ROWS: Final = 1_000_000
USERS: Final = 50_000
EVERY: Final = 10  # deletions
PART: Final = 25_000  # rows that are made at once
LIVE: Final = {"all expired": 0, "one in a hundred expired": 99}  # of a hundred
_AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120 Safari/537.36"
_NUMBERS: Final = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n"
    " WHERE i < {last}) SELECT {values} FROM n",
    "postgresql": "SELECT {values} FROM generate_series({first}, {last}) AS n(i)",
}
_RANDOM: Final = {"sqlite": "hex(randomblob(16))", "postgresql": "md5(random()::text || i)"}
_USER: Final = {
    "sqlite": f"'user' || (1 + abs(random()) % {USERS})",
    "postgresql": f"'user' || (1 + floor(random() * {USERS})::int)",
}
_OURS: Final = SchemaState(adopted=False, tasks=False, tasks_required=False, current=True)


class _Enough(Exception):
    """So many deletions were measured."""


class TimedDatabase:
    """A database that notes how long each read, and each transaction with its commit, took."""

    def __init__(self, database: Database) -> None:
        self.dialect = database.dialect
        self.take_turn = database.take_turn
        self.reads: list[float] = []
        self.writes: list[float] = []
        self.others: list[float] = []
        self._database = database

    async def read_all(
        self, statement: Executable, parameters: Mapping[str, object]
    ) -> Sequence[AnyRow]:
        with _time(self.reads):
            return await self._database.read_all(statement, parameters)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        with _time(self.writes):
            async with self._database.begin() as tx:
                yield tx
        if len(self.writes) % EVERY == 0:
            with _time(self.others):
                async with self._database.begin() as tx:
                    await tx.execute(update(users).where(users.c.id == "user1").values(name="m"))


@contextmanager
def _time(into: list[float]) -> Iterator[None]:
    start = time.perf_counter()
    yield
    into.append(time.perf_counter() - start)


async def fill(database: Database, live: int) -> None:
    """Makes users and sessions. `live` of a hundred have not expired."""
    dialect = database.dialect
    stamp = "'2026-01-01T00:00:00.000Z'"
    ends = f"CASE WHEN i % 100 < {live} THEN '2099-01-01T00:00:00.000Z' ELSE {stamp} END"
    if dialect == "postgresql":
        stamp, ends = f"timestamptz {stamp}", f"CAST({ends} AS timestamptz)"
    sign = "true" if dialect == "postgresql" else "1"
    of_users = f"'user' || i, 'n', 'u' || i || '@x.test', {sign}, {stamp}, {stamp}"
    of_sessions = (
        f"{_RANDOM[dialect]}, {ends}, {_RANDOM[dialect]}, {stamp}, {stamp}, '203.0.113.9',"
        f" '{_AGENT}', {_USER[dialect]}"
    )
    for table, columns, values, count in (
        ("user", 'id, name, email, "emailVerified", "createdAt", "updatedAt"', of_users, USERS),
        (
            "session",
            'id, "expiresAt", token, "createdAt", "updatedAt", "ipAddress", "userAgent", "userId"',
            of_sessions,
            ROWS,
        ),
    ):
        for first in range(1, count, PART):
            last = first + PART - 1
            rows = _NUMBERS[dialect].format(values=values, first=first, last=last)
            async with database.begin() as tx:
                await tx.exec_driver_sql(f'INSERT INTO "{table}" ({columns}) {rows}')
    if dialect == "postgresql":
        async with database.begin() as tx:
            await tx.execute(text("ANALYZE session"))


async def measure(url: str, most: int = sys.maxsize) -> None:
    """Prints some lines for each kind of table. At most so many deletions are measured."""
    await migrate(url)
    for title, live in LIVE.items():
        database = await open_database(url)
        async with database.begin() as tx:
            if database.dialect == "postgresql":
                await tx.execute(text('TRUNCATE "user", session CASCADE'))
            else:
                await tx.execute(sessions.delete())
                await tx.execute(text('DELETE FROM "user"'))
        await fill(database, live)
        timed = TimedDatabase(database)
        found = list_expiring(Settings(secret=""), _OURS)
        expiring = [each for each in found if isinstance(each, Expiring)][:1]
        start, cpu = time.perf_counter(), time.process_time()
        removed = dict[str, int]()

        def note(progress: Progress, removed: dict[str, int] = removed) -> None:
            removed.update(progress.removed)
            if len(timed.writes) >= most:  # noqa: B023  # called within this turn of the loop
                raise _Enough

        with suppress(_Enough):
            await Cleaner(timed, expiring, pause=0).round(note)  # type: ignore[arg-type]  # what it uses of one
        whole, spent = time.perf_counter() - start, time.process_time() - cpu
        _print(f"{database.dialect}, {title}: {removed['sessions']:,} deleted in {whole:.0f} s")
        _print(f"  reads: {_describe(timed.reads)}")
        _print(f"  deletions: {_describe(timed.writes)}; CPU of this process {spent:.0f} s")
        _print(f"  updates of one row meanwhile: {_describe(timed.others)}")
        await database.close()


def _describe(seconds: Sequence[float]) -> str:
    ordered = sorted(1000 * each for each in seconds) or [0.0]
    median, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return (
        f"{len(ordered):,}, median {median:.1f} ms, p99 {late:.1f} ms, longest {ordered[-1]:.1f} ms"
    )


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Measures both engines: all rows, or as many deletions as the first argument says."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else sys.maxsize
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(f"sqlite:///{Path(folder) / 'auth.db'}", most))
    # As it is where it is installed, and not as tests have it.
    with running_postgres(configuration="") as server, new_database(server) as url:
        asyncio.run(measure(url, most))


if __name__ == "__main__":
    main()
