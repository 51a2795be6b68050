"""Measures this service beside the real Better Auth, and prints what each reached."""

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import databases, facts, report
from benchmarks.arena import Arena
from benchmarks.book import Book
from benchmarks.ceiling import ceiling
from benchmarks.contestants import ALL
from benchmarks.load import Generator, is_wrk_here
from benchmarks.report import Run
from benchmarks.rounds import Rounds, tell
from benchmarks.rows import Plan
from benchmarks.selection import Selection, row_names, select

RESULTS: Final = Path(__file__).with_name("results.md")


def main(arguments: Sequence[str]) -> int:
    chosen = _parser().parse_args(arguments)
    load, began = facts.load_average(), time.monotonic()
    generator = Generator(wrk=is_wrk_here())
    plan = Plan(generator, chosen.rounds, chosen.seconds, patience=chosen.patience)
    selection = select(chosen.rows, chosen.database, chosen.server, quick=chosen.quick)
    if chosen.quick:
        plan = Plan(generator, rounds=1, seconds=0.2, warm_up=0, patience=0)
    if warning := facts.warning(load):
        tell(warning)
    book = measure(selection, plan)
    lines = [
        *report.disturbances(book),
        *report.tables(book),
        *report.judged(book, everything=selection.is_all),
    ]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    if selection.is_all:
        run = Run(
            machine=facts.machine(),
            versions=facts.versions(generator),
            ceiling=ceiling(plan),
            load=load,
            warning=warning,
            how=f"{plan.rounds} rounds of {plan.seconds:g} s, medians",
            seconds=time.monotonic() - began,
        )
        RESULTS.write_text(report.document(book, run))
        tell(f"written: {RESULTS.name}")
    return 0


def measure(selection: Selection, plan: Plan) -> Book:
    for contestants in selection.contestants.values():
        for each in contestants:
            each.prepare()
    book = Book()
    for engine_name, rows in selection.rows.items():
        with (
            tempfile.TemporaryDirectory(prefix="better-auth-benchmark-") as folder,
            databases.running(engine_name) as engine,
            Arena(engine, Path(folder)) as arena,
        ):
            Rounds(plan, arena, book, selection.contestants[engine_name]).run(rows)
    return book


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = ", ".join(row_names())
    parser.add_argument("rows", nargs="*", choices=[[], *row_names()], metavar="row", help=names)
    parser.add_argument("--database", action="append", choices=databases.NAMES)
    parser.add_argument("--server", action="append", choices=[each.name for each in ALL])
    parser.add_argument("--rounds", type=_count, default=3, help="the figure is their median (3)")
    parser.add_argument("--seconds", type=_seconds, default=1, help="of load in each round (1)")
    waiting = "seconds to wait for a quiet machine before each measurement (5); 0 does not care"
    parser.add_argument("--patience", type=_patience, default=5, help=waiting)
    parser.add_argument(
        "--quick", action="store_true", help="tries the rows out; the figures say nothing"
    )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def _seconds(text: str) -> float:
    found = _patience(text)
    if found == 0:
        raise argparse.ArgumentTypeError("0 seconds measure nothing")
    return found


def _patience(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
