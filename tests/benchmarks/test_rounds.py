"""The servers are measured in turns, and a wrong answer ends a row."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from benchmarks.arena import Arena
from benchmarks.book import Book, Line
from benchmarks.contestants import ORIGINAL, OURS
from benchmarks.databases import Engine
from benchmarks.load import Generator, LoadError
from benchmarks.rounds import Rounds
from benchmarks.rows import Plan, Turn
from tests.system.parity.servers import sqlite_place

LINE = Line("made-up", "made up")


class MadeUp(Struct):
    """Gives 1, 2, 3, … and notes whose turn it was."""

    wrong_at: int = 0
    name: str = "made-up"
    lines: tuple[Line, ...] = (LINE,)
    lacking: Mapping[str, str] = {}
    turns: list[str] = []

    def figures(self, turn: Turn) -> list[float]:
        self.turns.append(turn.contestant.name)
        if len(self.turns) == self.wrong_at:
            raise LoadError("answered 500\nsorry")
        return [float(len(self.turns))]


def measured(row: MadeUp, folder: Path) -> Book:
    book, plan = Book(), Plan(Generator(wrk=False), rounds=3, patience=0)
    with Arena(Engine("sqlite", sqlite_place), folder) as arena:
        Rounds(plan, arena, book, [OURS, ORIGINAL]).run([row])
    return book


def test_who_is_first_changes(tmp_path: Path) -> None:
    row = MadeUp()
    measured(row, tmp_path)
    assert row.turns == ["ours", "original", "original", "ours", "ours", "original"]


def test_wrong_answer_leaves_a_reason_and_no_figure(tmp_path: Path) -> None:
    row = MadeUp(wrong_at=4)
    book = measured(row, tmp_path)
    cell = book.cell(LINE.key, "sqlite", "ours")
    assert (cell.figure, cell.reason) == (None, "answered 500 sorry")
    assert row.turns.count("ours") == 2, "it is not asked again"
    assert book.figure(LINE.key, "sqlite", "original") == 3


def test_what_a_server_can_not_do_is_not_asked(tmp_path: Path) -> None:
    row = MadeUp(lacking={"original": "has none"})
    book = measured(row, tmp_path)
    assert book.cell(LINE.key, "sqlite", "original").reason == "has none"
    assert set(row.turns) == {"ours"}
