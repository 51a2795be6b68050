"""What a request costs in CPU time, of the service and of PostgreSQL, with one node and with three.

CPU time says where the limit is also on a machine that is too small to reach it, and while others
use it. `python -m benchmarks.nodes --rounds 3` prints the table of docs/scaling.md.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from benchmarks import contestants, cores, databases
from benchmarks.arena import Arena
from benchmarks.contestants import OURS, Placing, Way
from benchmarks.http_rows import READS, SIGN_OUT, SIGNING, TASKS
from benchmarks.load import Generator
from benchmarks.rows import LoadRow
from benchmarks.site import USERS, Site
from benchmarks.streams import Load, Stream

NODES: Final = (1, 3)
NAMES: Final = ("get-session-without-header", "create-task", "sign-out", "sign-in", "sign-up")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
# Of /proc/pid/stat, after the name: its own time, and that of children that have ended.
_TIMES: Final = slice(11, 15)


class Cost(Struct, frozen=True):
    """Milliseconds of CPU time for one request."""

    service: float
    postgres: float


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.nodes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    chosen = parser.parse_args(arguments)
    rows = [row for row in (*READS, *TASKS, SIGN_OUT, *SIGNING) if row.name in NAMES]
    measured = measure(rows, chosen.rounds, chosen.seconds)
    sys.stdout.write("\n".join(describe(rows, measured)) + "\n")
    return 0


def measure(rows: Sequence[LoadRow], rounds: int, seconds: float) -> dict[tuple[str, int], Cost]:
    """The medians of some rounds. In each, one node and three are measured by turns."""
    found: dict[tuple[str, int], list[Cost]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        databases.running("postgresql") as engine,
        Arena(engine, Path(folder)) as arena,
    ):
        assert engine.pid is not None
        for count in NODES * rounds:
            with _running(arena, count) as sites:
                for row in rows:
                    cost = _measure_row(row, sites, seconds * row.longer, engine.pid)
                    found.setdefault((row.name, count), []).append(cost)
    return {
        key: Cost(
            statistics.median(each.service for each in costs),
            statistics.median(each.postgres for each in costs),
        )
        for key, costs in found.items()
    }


def describe(rows: Sequence[LoadRow], measured: dict[tuple[str, int], Cost]) -> Iterator[str]:
    """The table: `serves` is how many requests of this kind a core of PostgreSQL can serve."""
    yield (
        "| Request | service, 1 node | 3 nodes | PostgreSQL, 1 node | 3 nodes"
        " | a core of PostgreSQL serves | with so many cores of the service |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for row in rows:
        one, three = (measured[row.name, count] for count in NODES)
        serves, busy = 1000 / three.postgres, three.service / three.postgres
        yield (
            f"| {row.lines[0].title} | {one.service:.2f} ms | {three.service:.2f} ms"
            f" | {one.postgres:.2f} ms | {three.postgres:.2f} ms | {serves:,.0f}/s | {busy:.1f} |"
        )


@contextmanager
def _running(arena: Arena, count: int) -> Iterator[list[Site]]:
    """So many nodes on the one database, new ones each time."""
    place, way = arena.place(OURS), Way(Placing.ALL_CORES, token_header=False)
    with ExitStack() as stack:
        sites = []
        for at in range(count):
            folder = databases.folder_of(arena.new_folder(OURS, USERS), f"{count}-{at}")
            server = stack.enter_context(contestants.running(OURS, place, way, folder))
            sites.append(Site(server.port, server.pid, place, USERS, way.token_header))
        yield sites


def _measure_row(row: LoadRow, sites: Sequence[Site], seconds: float, postgres: int) -> Cost:
    """All nodes get their part of the clients at the same time, after a warm-up."""
    streams = [[_share(each, len(sites)) for each in row.streams(site)] for site in sites]
    _run(sites, [[replace(each, once=False) for each in some] for some in streams], seconds / 4)
    streams = [[_share(each, len(sites)) for each in row.streams(site)] for site in sites]
    before = read_seconds([site.pid for site in sites]), read_seconds([postgres])
    count = _run(sites, streams, seconds)
    after = read_seconds([site.pid for site in sites]), read_seconds([postgres])
    of_service, of_postgres = (late - early for late, early in zip(after, before, strict=True))
    return Cost(of_service / count * 1000, of_postgres / count * 1000)


def _share(stream: Stream, nodes: int) -> Stream:
    return replace(stream, connections=max(1, stream.connections // nodes))


def _run(sites: Sequence[Site], streams: Sequence[list[Stream]], seconds: float) -> int:
    """How many requests were answered. Raises one of `benchmarks.load.FAULTS`."""
    loads = [
        Load(port=site.port, streams=some, seconds=seconds)
        for site, some in zip(sites, streams, strict=True)
    ]
    generator = Generator(wrk=False)  # it can send each request once
    with ThreadPoolExecutor(len(loads)) as pool:
        outcomes = pool.map(lambda load: generator.run(load, cores.of_machine()), loads)
        return sum(each.count for some in outcomes for each in some)


def read_seconds(pids: Sequence[int]) -> float:
    """CPU time of programs and all their descendants, also of those that have ended."""
    ticks = 0
    for pid in (each for one in pids for each in cores.family(one)):
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:  # gone meanwhile, and counted with its parent
            continue
        ticks += sum(map(int, text.rpartition(")")[2].split()[_TIMES]))
    return ticks / _TICKS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
