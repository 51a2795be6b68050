"""Imports users into the database, some hundreds at a time."""

import asyncio
import sqlite3
from asyncio import CancelledError
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from itertools import islice
from typing import Final, Self

from msgspec import Struct, field

from ...models.clock import now
from ..passwords.hashes import get_kind
from .rows import RawRow, RefusedRow, RowError
from .rules import ImportedUser, RowRules
from .writer import Writer

BATCH: Final = 500
_TEMPORARY: Final = ""  # SQLite deletes such a file itself


class ImportStats(Struct):
    """The counts of an import. `hashes` counts the hashes of new users by kind."""

    imported: int = 0
    present: int = 0
    refused: int = 0
    without_password: int = 0
    hashes: Counter[str] = field(default_factory=Counter)


class Import:
    """Imports users. Existing rows stay. If it is killed, run it again to continue.

    `report` is called with each refused row, `around_reads` makes the block in which rows are read.
    """

    def __init__(
        self,
        rules: RowRules,
        writer: Writer,
        report: Callable[[RefusedRow], None],
        around_reads: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> None:
        self._rules = rules
        self._writer = writer
        self._report = report
        self._around_reads = around_reads
        self.stats = ImportStats()
        self.unknown = 0
        """People of a batch that was being written when somebody stopped it."""

    async def run(
        self, rows: Iterable[RawRow | RefusedRow], on_progress: Callable[[], None]
    ) -> None:
        """Runs the import and counts.

        Raises `StoreUnavailable`, and what reading and reporting raise.
        """
        with DuplicateIndex() as index:
            users = self._read_users(rows, index)
            while batch := await self._take_batch(users):
                await self._write(batch)
                on_progress()
            on_progress()

    async def _take_batch(self, users: Iterator[ImportedUser]) -> list[ImportedUser]:
        # Others run between two batches. A cancellation ends it here, not a step that cleans up.
        await asyncio.sleep(0)
        async with self._around_reads():
            return list(islice(users, BATCH))

    def _read_users(
        self, rows: Iterable[RawRow | RefusedRow], index: "DuplicateIndex"
    ) -> Iterator[ImportedUser]:
        for row in rows:
            if (user := self._read_user(row, index)) is not None:
                yield user

    def _read_user(self, row: RawRow | RefusedRow, index: "DuplicateIndex") -> ImportedUser | None:
        if isinstance(row, RefusedRow):
            self._refuse(row)
            return None
        try:
            user = self._rules.read_user(row, now())
            index.add(user)
        except RowError as error:
            self._refuse(error.to_refused_row(row.line))
            return None
        return user

    async def _write(self, batch: list[ImportedUser]) -> None:
        try:
            written = await self._writer.write(batch, now())
        except CancelledError:
            self.unknown = len(batch)
            raise
        stats = self.stats
        stats.imported += len(written.new)
        stats.present += written.present
        hashes = [each.hashed for each in written.new if each.hashed is not None]
        stats.hashes.update(str(get_kind(hashed)) for hashed in hashes)
        stats.without_password += len(written.new) - len(hashes)
        for row in written.refused:
            self._refuse(row)

    def _refuse(self, row: RefusedRow) -> None:
        self.stats.refused += 1
        self._report(row)


class DuplicateIndex:
    """Finds duplicates: of two rows with one address or id the first counts. Close it."""

    def __init__(self) -> None:
        self._database = sqlite3.connect(_TEMPORARY, isolation_level=None)
        self._database.execute("CREATE TABLE rows (key TEXT PRIMARY KEY, line INT) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, user: ImportedUser) -> None:
        """Remembers a row. Raises `RowError` for the second one with an address or an id."""
        self._refuse_known("email", user.email)
        if user.keeps_id:
            self._refuse_known("id", user.id)
            self._insert("id", user)
        self._insert("email", user)

    def _refuse_known(self, field: str, value: str) -> None:
        found = self._database.execute("SELECT line FROM rows WHERE key = ?", (f"{field}:{value}",))
        if row := found.fetchone():
            raise RowError(field, f"is the same as in line {row[0]}")

    def _insert(self, field: str, user: ImportedUser) -> None:
        value = user.email if field == "email" else user.id
        self._database.execute("INSERT INTO rows VALUES (?, ?)", (f"{field}:{value}", user.line))
