"""What a run says at its end: the tables, the goals, what it was measured with."""

from collections.abc import Sequence

from msgspec import Struct

from benchmarks import goals, table
from benchmarks.book import Book
from benchmarks.goals import GOALS

_TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "no database": "Without a server"}


class Run(Struct, frozen=True, kw_only=True):
    """`warning` is empty for a quiet machine; `ceiling` is the load generator's own, a second."""

    machine: Sequence[str]
    versions: Sequence[str]
    ceiling: float
    load: float
    warning: str
    how: str
    seconds: float  # that it took


def tables(book: Book) -> list[str]:
    lines: list[str] = []
    for part in book.parts():
        servers = book.servers(part)
        missing = table.reasons(book, part, servers)
        lines += [f"## {_TITLES.get(part, part)}", "", *table.table(book, part, servers), ""]
        lines += ["No figure:", "", *missing, ""] if missing else []
    return lines


def disturbances(book: Book) -> list[str]:
    """Empty where nobody else used the machine."""
    count = len(book.disturbed)
    if not count:
        return []
    return [f"Others used the machine during {count} measurements, which stand.", ""]


def judged(book: Book, *, everything: bool = True) -> list[str]:
    """Also the goals that were not measured, where `everything` is asked for."""
    verdicts = goals.judge(book, GOALS)
    verdicts = [each for each in verdicts if everything or each.measured is not None]
    if not verdicts:
        return []
    return ["## The goals", "", *table.aligned(goals.as_table(verdicts)), ""]


def document(book: Book, run: Run) -> str:
    """The page `results.md`."""
    lines = [
        "# Results",
        "",
        "Written by `make bench`; [README.md](README.md) says how it measures, and how to read it.",
        "",
        *(f"- {fact}" for fact in (*run.machine, *run.versions)),
        f"- the load generator reaches {run.ceiling:,.0f} /s at a server that does nothing",
        f"- load average at the start {run.load:.2f}; {run.how}; {run.seconds / 60:.0f} minutes",
        "",
        *([f"**{run.warning}**", ""] if run.warning else []),
        *disturbances(book),
        *judged(book),
        *tables(book),
    ]
    return "\n".join(lines)
