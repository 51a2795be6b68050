"""The figures of a run: what each round measured, the medians and the ratios."""

from statistics import median
from typing import Final

from msgspec import Struct, field


class Line(Struct, frozen=True):
    """A line of the table; `key` is its name in the book."""

    key: str
    title: str
    unit: str = "/s"
    less_is_better: bool = False


class Cell(Struct):
    """What one server reached, or why it has no figure."""

    rounds: list[float] = field(default_factory=list)
    reason: str = ""

    @property
    def figure(self) -> float | None:
        return median(self.rounds) if self.rounds else None


NOT_MEASURED: Final = "not measured in this run"


class Book(Struct, frozen=True):
    """Keyed by the line's key, the part of the run (a database) and the server's name.

    `disturbed` are measurements during which others used the machine.
    """

    lines: dict[str, Line] = field(default_factory=dict)
    cells: dict[tuple[str, str, str], Cell] = field(default_factory=dict)
    disturbed: list[str] = field(default_factory=list)

    def add(self, line: Line, part: str, server: str, value: float) -> None:
        """A round's figure; a cell that was refused stays without."""
        cell = self._of(line, part, server)
        if not cell.reason:
            cell.rounds.append(value)

    def refuse(self, line: Line, part: str, server: str, reason: str) -> None:
        """No figure, not even that of the rounds that went well."""
        cell = self._of(line, part, server)
        cell.reason = cell.reason or reason
        cell.rounds.clear()

    def is_refused(self, line: Line, part: str, server: str) -> bool:
        return bool(self._of(line, part, server).reason)

    def cell(self, key: str, part: str, server: str) -> Cell:
        return self.cells.get((key, part, server)) or Cell(reason=NOT_MEASURED)

    def figure(self, key: str, part: str, server: str) -> float | None:
        return self.cell(key, part, server).figure

    def parts(self) -> list[str]:
        return list(dict.fromkeys(part for _, part, _ in self.cells))

    def servers(self, part: str) -> list[str]:
        """In the order in which they were first measured."""
        return list(dict.fromkeys(server for _, each, server in self.cells if each == part))

    def lines_of(self, part: str) -> list[Line]:
        keys = dict.fromkeys(key for key, each, _ in self.cells if each == part)
        return [line for key, line in self.lines.items() if key in keys]

    def ratio(self, key: str, part: str, server: str, to: str) -> float | None:
        """How many times better `server` is than `to`: above 1 is better, whatever the unit."""
        mine, other = (self.figure(key, part, each) for each in (server, to))
        if not mine or not other:
            return None
        return other / mine if self.lines[key].less_is_better else mine / other

    def _of(self, line: Line, part: str, server: str) -> Cell:
        self.lines.setdefault(line.key, line)
        return self.cells.setdefault((line.key, part, server), Cell())
