"""Imports users of a file into the database, some hundreds at a time."""

from asyncio import CancelledError
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct, field

from ...auth.passwords.hashes import kind_of
from ...models.clock import now
from .report import Report
from .rows import Flaw, Raw, RefusedRow
from .rules import Person, Rules
from .seen import Seen
from .writer import Writer

BATCH: Final = 500


class Tally(Struct):
    """The counts of an import. `hashes` counts the hashes of new users by kind."""

    imported: int = 0
    present: int = 0
    refused: int = 0
    without_password: int = 0
    hashes: Counter[str] = field(default_factory=Counter)


class Import:
    """Imports users. Existing rows stay. If it is killed, run it again to continue."""

    def __init__(self, rules: Rules, writer: Writer, report: Report) -> None:
        self._rules = rules
        self._writer = writer
        self._report = report
        self.tally = Tally()
        self.unknown = 0
        """People of a batch that was being written when somebody stopped it."""

    async def run(self, rows: Iterable[Raw | RefusedRow], on_progress: Callable[[], None]) -> None:
        """Runs the import and counts. Raises `StoreUnavailable`, `UnreadableFile`, `FileFault`."""
        with Seen() as seen:
            batch: list[Person] = []
            for row in rows:
                if (person := self._person(row, seen)) is not None:
                    batch.append(person)
                if len(batch) == BATCH:
                    await self._write(batch)
                    batch = []
                    on_progress()
            if batch:
                await self._write(batch)
            on_progress()

    def _person(self, row: Raw | RefusedRow, seen: Seen) -> Person | None:
        if isinstance(row, RefusedRow):
            self._refuse(row)
            return None
        try:
            person = self._rules.person(row, now())
            seen.note(person)
        except Flaw as flaw:
            self._refuse(flaw.at(row.line))
            return None
        return person

    async def _write(self, batch: list[Person]) -> None:
        try:
            written = await self._writer.write(batch, now())
        except (KeyboardInterrupt, CancelledError):
            self.unknown = len(batch)
            raise
        tally = self.tally
        tally.imported += len(written.new)
        tally.present += written.present
        hashes = [each.hashed for each in written.new if each.hashed is not None]
        tally.hashes.update(str(kind_of(hashed)) for hashed in hashes)
        tally.without_password += len(written.new) - len(hashes)
        for row in written.refused:
            self._refuse(row)

    def _refuse(self, row: RefusedRow) -> None:
        self.tally.refused += 1
        self._report.add(row)
