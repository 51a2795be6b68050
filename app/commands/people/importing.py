"""Imports users of a file into the database, some hundreds at a time."""

import sqlite3
from asyncio import CancelledError
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, Self

from msgspec import Struct, field

from ...auth.passwords.hashes import get_kind
from ...models.clock import now
from .report import RefusalReport
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
    """Imports users. Existing rows stay. If it is killed, run it again to continue."""

    def __init__(self, rules: RowRules, writer: Writer, report: RefusalReport) -> None:
        self._rules = rules
        self._writer = writer
        self._report = report
        self.stats = ImportStats()
        self.unknown = 0
        """People of a batch that was being written when somebody stopped it."""

    async def run(
        self, rows: Iterable[RawRow | RefusedRow], on_progress: Callable[[], None]
    ) -> None:
        """Runs the import and counts. Raises `StoreUnavailable`, `UnreadableFile`, `FileFault`."""
        with DuplicateIndex() as index:
            batch: list[ImportedUser] = []
            for row in rows:
                if (user := self._read_user(row, index)) is not None:
                    batch.append(user)
                if len(batch) == BATCH:
                    await self._write(batch)
                    batch = []
                    on_progress()
            if batch:
                await self._write(batch)
            on_progress()

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
        except (KeyboardInterrupt, CancelledError):
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
        self._report.add(row)


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
