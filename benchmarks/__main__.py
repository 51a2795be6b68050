"""`python -m benchmarks`, or `make bench`: measures, and prints the table."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import databases, table
from benchmarks.arena import Arena
from benchmarks.book import Book
from benchmarks.contestants import ORIGINAL, OURS
from benchmarks.load import Generator, is_wrk_here
from benchmarks.rounds import Plan, Rounds
from benchmarks.rows import ROWS


def main(arguments: Sequence[str]) -> int:
    chosen = _parser().parse_args(arguments)
    generator = Generator(wrk=is_wrk_here())
    plan = Plan(generator, chosen.rounds, chosen.seconds)
    contestants = [each for each in (OURS, ORIGINAL) if each.name in (chosen.server or [each.name])]
    for each in contestants:
        each.prepare()
    rows = [row for row in ROWS if not chosen.rows or row.name in chosen.rows]
    book = Book()
    for name in chosen.database or databases.NAMES:
        with (
            tempfile.TemporaryDirectory(prefix="better-auth-benchmark-") as folder,
            databases.running(name) as engine,
            Arena(engine, Path(folder)) as arena,
        ):
            Rounds(plan, arena, book, contestants).run(rows)
        names = [each.name for each in contestants]
        lines = [*table.table(book, name, names), *table.reasons(book, name, names)]
        sys.stdout.writelines(f"{line}\n" for line in [f"\n{name}\n", *lines])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", help="only these rows", metavar="row")
    parser.add_argument("--database", action="append", choices=databases.NAMES)
    parser.add_argument("--server", action="append", choices=[OURS.name, ORIGINAL.name])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.set_defaults(database=None, server=None)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
