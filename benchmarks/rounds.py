"""The servers in turns: row by row, round by round."""

import sys
from collections.abc import Sequence

from msgspec import Struct

from benchmarks.arena import Arena
from benchmarks.book import Book
from benchmarks.contestants import Contestant
from benchmarks.load import FAULTS, Generator
from benchmarks.rows import Row
from benchmarks.streams import Load


class Plan(Struct, frozen=True):
    """How long and how often everything is measured."""

    generator: Generator
    rounds: int = 3
    seconds: float = 2
    warm_up: float = 1


def tell(line: str) -> None:
    """Progress, apart from the result."""
    sys.stderr.write(f"{line}\n")


class Rounds(Struct, frozen=True):
    """`part` is the part of the book."""

    plan: Plan
    arena: Arena
    book: Book
    contestants: Sequence[Contestant]

    def run(self, rows: Sequence[Row]) -> None:
        """Who is first changes from round to round, so that nobody always follows the same."""
        for number in range(self.plan.rounds):
            order = self.contestants if number % 2 == 0 else self.contestants[::-1]
            for row in rows:
                for contestant in order:
                    self._measure(row, contestant, is_first=number == 0)

    def _measure(self, row: Row, contestant: Contestant, *, is_first: bool) -> None:
        part = self.arena.engine.name
        reason = row.lacking.get(contestant.name, "")
        if any(self.book.is_refused(line, part, contestant.name) for line in row.lines):
            return
        try:
            figures = [] if reason else self._figures(row, contestant, is_first=is_first)
        except FAULTS as fault:
            reason = str(fault)
        if reason:
            for line in row.lines:
                self.book.refuse(line, part, contestant.name, reason)
            tell(f"{part}: {row.name}: {contestant.name} – {reason}")
            return
        for line, value in zip(row.lines, figures, strict=True):
            self.book.add(line, part, contestant.name, value)
            tell(f"{part}: {line.key}: {contestant.name} {value:,.1f}{line.unit}")

    def _figures(self, row: Row, contestant: Contestant, *, is_first: bool) -> list[float]:
        site = self.arena.site(contestant, row.way, row.users)
        if is_first:
            row.check(site)
        load = Load(
            port=site.port,
            streams=row.streams(site),
            seconds=self.plan.seconds * row.longer,
            warm_up=self.plan.warm_up if is_first else 0,
        )
        return row.figures(self.plan.generator.run(load, row.way.cores.rest))
