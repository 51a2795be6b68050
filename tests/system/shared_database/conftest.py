"""Databases that two servers share."""

from pathlib import Path

import pytest
from redis import Redis

from tests.system.parity.database import Place
from tests.system.parity.servers import NewPlace, postgres_place, sqlite_place

from .together import ENGINES, grouped


@pytest.fixture(
    scope="session", params=[pytest.param(engine, marks=grouped(engine)) for engine in ENGINES]
)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def new_place(engine: str, request: pytest.FixtureRequest) -> NewPlace:
    """Makes an empty database, on SQLite in the folder that it is given."""
    if engine == "sqlite":
        return sqlite_place
    return postgres_place(str(request.getfixturevalue("postgres_server")))


@pytest.fixture
def place(new_place: NewPlace, tmp_path: Path) -> Place:
    return new_place(tmp_path)


@pytest.fixture(scope="session")
def new_redis(redis_server_url: str) -> str:
    """The URL of a database that nobody has."""
    with Redis.from_url(redis_server_url) as client:
        number = client.incr("databases given out")
    return redis_server_url.replace("db=0", f"db={number}")
