"""The servers that are running at the moment: scenarios with equal options share them."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis

from tests.support.spare_databases import SpareDatabases

from . import versions
from .database import Place
from .older import plays_along
from .scenario import Engine, Scenario
from .servers import Backing, NewPlace, Pair, running, sqlite_place


class Pairs:
    """Keeps one pair; scenarios come sorted, so that another one is not asked for again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._group = ""
        self._pair: Pair | None = None
        self._started = 0
        self._spare: SpareDatabases | None = None

    def of(self, scenario: Scenario, engine: Engine, request: pytest.FixtureRequest) -> Pair:
        """The pair that this scenario runs on; what ran before is stopped."""
        if self._pair is None or self._group != scenario.group(engine):
            self._stop()
            self._started += 1
            folder = self._folder / str(self._started)
            folder.mkdir()
            backing = self._backing(scenario, engine, request)
            older = versions.package_of(versions.OLDER) if _has_older(scenario, engine) else None
            started = running(scenario.setup, folder, backing, older=older, cheap_hashes=True)
            self._pair = self._stack.enter_context(started)
            self._group = scenario.group(engine)
        return self._pair

    def close(self) -> None:
        self._stop()
        if self._spare is not None:
            self._spare.close()

    def _stop(self) -> None:
        self._pair = None
        self._stack.close()

    def _backing(
        self, scenario: Scenario, engine: Engine, request: pytest.FixtureRequest
    ) -> Backing:
        """Servers that not every machine has are started, or missed, only when they are needed."""
        place: NewPlace = sqlite_place
        if engine == "postgresql":
            server = request.getfixturevalue("postgres_server")
            self._spare = self._spare or SpareDatabases(server, "template1")
            place = self._take_database
        redis = ""
        if scenario.setup.stores_elsewhere:
            redis = str(request.getfixturevalue("redis_server_url"))
        return Backing(place, lambda: _new_redis(redis))

    def _take_database(self, _: Path) -> Place:
        """Before the pair is on the stack, so that it is given back when that has stopped."""
        assert self._spare is not None
        return Place(url=self._stack.enter_context(self._spare.one()))


def _has_older(scenario: Scenario, engine: Engine) -> bool:
    """Not where another version than that of record is tried."""
    return plays_along(scenario, engine) and not versions.is_tried()


def _new_redis(server: str) -> str:
    """The URL of a database that nobody has; see the fixture `redis_url`."""
    with Redis.from_url(server) as client:
        number = client.incr("databases given out")
    return server.replace("db=0", f"db={number}")
