"""A server that was just started: how soon it answers, how much memory it holds."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from benchmarks import contestants, cores, seed
from benchmarks.book import Line
from benchmarks.contestants import ORIGINAL, PEER, Placing, Way
from benchmarks.http import BASE, Request
from benchmarks.http_rows import check_session, session_reads, storm
from benchmarks.load import LoadError
from benchmarks.rows import Turn
from benchmarks.site import USERS, Site
from tests.support.redis import MISSING, running_redis

_WAY: Final = Way(Placing.ALL_CORES)
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
        with _started(turn, _WAY) as (site, took):
            time.sleep(_SETTLED)
            idle = cores.memory(site.pid)
            return [took, idle, _memory_under_load(turn, site)]


class MemoryWithRedis(Struct, frozen=True):
    """The same load where tokens are signed with a key pair and sessions are in Redis."""

    name: str = "memory-with-redis"
    lines: tuple[Line, ...] = (
        Line("memory-with-redis", "… with key pairs and Redis", "MiB", less_is_better=True),
    )

    @property
    def lacking(self) -> Mapping[str, str]:
        return dict.fromkeys((ORIGINAL.name, PEER.name), "is measured with its default settings")

    def figures(self, turn: Turn) -> list[float]:
        with running_redis() as redis:
            if redis is None:
                raise LoadError(MISSING)
            seed.add_to_redis(redis.url, range(USERS))
            with _started(turn, replace(_WAY, key_pairs=True, redis_url=redis.url)) as (site, _):
                check_session(site)
                return [_memory_under_load(turn, site)]


@contextmanager
def _started(turn: Turn, way: Way) -> Iterator[tuple[Site, float]]:
    """A new server, and the seconds until its first answer."""
    place = turn.arena.place(turn.contestant)
    folder = turn.arena.new_folder(turn.contestant, USERS)
    turn.arena.engine.move(way.cores.rest)
    began = time.perf_counter()
    with contestants.running(turn.contestant, place, way, folder) as server:
        site = Site(server.port, server.pid, place, USERS, way.token_header)
        site.asked(Request(path=f"{BASE}/ok"))
        yield site, time.perf_counter() - began


def _memory_under_load(turn: Turn, site: Site) -> float:
    for streams in (session_reads()(site), storm(site)):
        turn.run(site, streams, turn.plan.seconds * 2, _WAY.cores.rest)
    return cores.most_memory(site.pid)
