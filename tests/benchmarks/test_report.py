"""What a run says, from figures that are given."""

import pytest

from benchmarks import facts, goals, report, table
from benchmarks.book import Book, Line
from benchmarks.report import Run
from benchmarks.selection import select

SERVERS = ("ours", "original")
RUN = Run(
    machine=["a machine"],
    versions=["a version"],
    ceiling=50_000,
    load=0.1,
    warning="",
    how="3 rounds",
    seconds=120,
)


@pytest.fixture
def book() -> Book:
    book = Book()
    book.add(Line("get-session", "`/get-session`"), "sqlite", "ours", 8000.0)
    book.add(Line("get-session", "`/get-session`"), "sqlite", "original", 500.0)
    slow = Line("storm-p99", "99th percentile", "ms", less_is_better=True)
    book.add(slow, "sqlite", "ours", 61.5)
    book.add(slow, "sqlite", "original", 800.0)
    tasks = Line("tasks", "tasks")
    book.add(tasks, "sqlite", "ours", 900.0)
    book.refuse(tasks, "sqlite", "original", "has none")
    return book


def test_table_has_figures_units_and_ratios(book: Book) -> None:
    assert table.table(book, "sqlite", SERVERS) == [
        "|                 | ours     | original | ratio |",
        "| --------------- | -------: | -------: | ----: |",
        "| `/get-session`  | 8,000 /s | 500 /s   | 16.0× |",
        "| 99th percentile | 61.5 ms  | 800 ms   | 13.0× |",
        "| tasks           | 900 /s   | –        | –     |",
    ]


def test_dash_has_a_reason(book: Book) -> None:
    assert table.reasons(book, "sqlite", SERVERS) == ["- tasks: original: has none"]


def test_goals_are_judged(book: Book) -> None:
    verdicts = {each.goal.title: each for each in goals.judge(book, goals.GOALS)}
    assert verdicts["`/get-session` on SQLite"].measured == 16
    assert verdicts["`/get-session` on SQLite"].is_reached
    assert verdicts["its 99th percentile on SQLite"].is_reached is False, "61.5 ms is over 8"
    assert verdicts["`/token` on SQLite"].is_reached is None


def test_growth_is_judged_by_what_a_read_costs() -> None:
    book = Book()
    for size, rate in ((1_000, 6600.0), (1_000_000, 6000.0)):
        book.add(Line(f"get-session-of-{size}", "reads"), "sqlite", "ours", rate)
    (verdict,) = (each for each in goals.judge(book, goals.GOALS) if each.measured)
    assert verdict.measured == 1.1
    assert verdict.is_reached


def test_every_goal_is_about_figures_of_a_whole_run() -> None:
    selection, book = select([], None, None, quick=False), Book()
    for part, rows in selection.rows.items():
        for line in (line for row in rows for line in row.lines):
            for server in SERVERS:
                book.add(line, part, server, 1.0)
    verdicts = goals.judge(book, goals.GOALS)
    assert [each.goal.title for each in verdicts if each.measured is None] == []


def test_page_says_what_a_goal_that_was_not_measured_is(book: Book) -> None:
    page = report.document(book, RUN)
    assert "a machine" in page
    assert "not measured" in page
    assert "50,000 /s at a server that does nothing" in page


def test_disturbed_measurements_are_told(book: Book) -> None:
    assert report.disturbances(book) == []
    book.disturbed.extend(["get-session, ours", "token, ours"])
    assert "2 measurements" in report.document(book, RUN)


def test_busy_machine_is_told() -> None:
    assert facts.warning(0.1) == ""
    assert "busy" in facts.warning(3.0)
