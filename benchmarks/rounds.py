"""The servers in turns: row by row, round by round."""

import sys
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from benchmarks.arena import Arena
from benchmarks.book import Book
from benchmarks.contestants import Contestant
from benchmarks.load import FAULTS
from benchmarks.quiet import await_quiet, is_quiet
from benchmarks.rows import LoadRow, Plan, Row, Turn

_TRIES: Final = 2


class Rounds(Struct, frozen=True):
    """Writes into the part of the book that has the engine's name."""

    plan: Plan
    arena: Arena
    book: Book
    contestants: Sequence[Contestant]

    def run(self, rows: Sequence[Row]) -> None:
        """Who is first changes from round to round, so that nobody always follows the same."""
        self.arena.fill(self._databases(rows))
        for number in range(self.plan.rounds):
            order = self.contestants if number % 2 == 0 else self.contestants[::-1]
            for row in rows:
                for contestant in order:
                    turn = Turn(self.plan, self.arena, contestant, is_first=number == 0)
                    self._measure(row, turn)

    def _databases(self, rows: Sequence[Row]) -> set[tuple[Contestant, int]]:
        return {
            (contestant, row.users)
            for row in rows
            for contestant in self.contestants
            if isinstance(row, LoadRow) and contestant.name not in row.lacking
        }

    def _measure(self, row: Row, turn: Turn) -> None:
        part, server = self.arena.engine.name, turn.contestant.name
        if any(self.book.is_refused(line, part, server) for line in row.lines):
            return
        reason = row.lacking.get(server, "")
        try:
            figures = [] if reason else self._quietly(row, turn)
        except FAULTS as fault:
            reason = " ".join(str(fault).split()) or type(fault).__name__
        if reason:
            for line in row.lines:
                self.book.refuse(line, part, server, reason)
            tell(f"{part}: {row.name}: {server}: none, {reason}")
            return
        for line, value in zip(row.lines, figures, strict=True):
            self.book.add(line, part, server, value)
            tell(f"{part}: {line.key}: {server} {value:,.1f} {line.unit}")

    def _quietly(self, row: Row, turn: Turn) -> list[float]:
        """Once more, if others used the machine at the end; what is disturbed then stands."""
        if not self.plan.patience:
            return row.figures(turn)
        for _ in range(_TRIES):
            await_quiet(self.plan.patience)
            figures = row.figures(turn)
            if is_quiet():
                return figures
        self.book.disturbed.append(f"{row.name}, {turn.contestant.name}")
        return figures


def tell(line: str) -> None:
    """Progress, apart from the result."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
