"""A server that was just started: how soon it answers, how much memory it holds."""

import time
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from benchmarks import contestants, cores
from benchmarks.book import Line
from benchmarks.contestants import Way
from benchmarks.http import BASE, Request
from benchmarks.http_rows import session_reads, storm
from benchmarks.rows import Turn
from benchmarks.site import USERS, Site

_WAY: Final = Way(all_cores=True)
_SETTLED: Final = 1  # second after the first answer


class Fresh(Struct, frozen=True):
    """On both cores; the load is reads, then reads while clients sign in."""

    name: str = "start"
    lines: tuple[Line, ...] = (
        Line("start", "start to first answer, warm", "s", less_is_better=True),
        Line("memory-idle", "memory, idle", "MiB", less_is_better=True),
        Line("memory-loaded", "memory, at most under load", "MiB", less_is_better=True),
    )
    lacking: Mapping[str, str] = {}

    def figures(self, turn: Turn) -> list[float]:
        place = turn.arena.place(turn.contestant)
        folder = turn.arena.new_folder(turn.contestant, USERS)
        turn.arena.engine.move(_WAY.cores.rest)
        began = time.perf_counter()
        with contestants.running(turn.contestant, place, _WAY, folder) as server:
            site = Site(server.port, server.pid, place, USERS, token_header=True)
            site.asked(Request(path=f"{BASE}/ok"))
            took = time.perf_counter() - began
            time.sleep(_SETTLED)
            idle = cores.memory(server.pid)
            for streams in (session_reads()(site), storm(site)):
                turn.run(site, streams, turn.plan.seconds * 2, _WAY.cores.rest)
            return [took, idle, cores.most_memory(server.pid)]
