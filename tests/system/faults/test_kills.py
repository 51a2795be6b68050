"""kill -9 under load: whatever was answered is there, wholly. `make soak` repeats it."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.support.postgres import running_postgres

from .site import LOAD, Load, Site, kill, until

ROUNDS = int(os.environ.get("ROUNDS", "1"))


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """`request.param` are a fixture with the URL of a database, and how many workers."""
    fixture, workers = request.param
    made = Site(request.getfixturevalue(fixture), tmp_path, WORKERS=workers)
    made.start()
    yield made
    made.end()


@pytest.fixture
def own_postgres_url() -> Iterator[str]:
    """A server of the test's own, which may crash; it would lose commits if we let it."""
    with running_postgres("fsync = off\nsynchronous_commit = off\n") as url:
        yield url


@pytest.mark.parametrize("site", [("sqlite_url", "1")], indirect=True)
def test_service(site: Site) -> None:
    load = Load(site)
    for _ in range(ROUNDS):
        with load.running():
            load.keep_writing()
            site.kill()
        site.start()
        load.check()
    assert load.tasks
    assert load.people


@pytest.mark.parametrize("site", [("postgres_url", "2")], indirect=True)
def test_worker(site: Site) -> None:
    load = Load(site)
    until(lambda: len(site.workers()) == 2)
    for done in range(ROUNDS):
        before = site.workers()
        with load.running():
            load.keep_writing()
            kill(before[done % 2])
            time.sleep(LOAD)
            assert before[1 - done % 2] in site.workers()
            until(lambda before=before: len(set(site.workers()) - set(before)) == 1)  # type: ignore[misc]  # a lambda has no types
        load.check()
    assert site.log.read_text().count("worker ended and is replaced") == ROUNDS
    assert load.tasks
    assert load.people


@pytest.mark.parametrize("site", [("own_postgres_url", "1")], indirect=True)
def test_postgres(site: Site) -> None:
    load = Load(site)
    for _ in range(ROUNDS):
        with load.running():
            load.keep_writing()
            asyncio.run(kill_backend(site.database_url))
            time.sleep(LOAD)
        until(site.is_ready)
        load.check()
    assert load.tasks
    assert load.people


async def kill_backend(url: str) -> None:
    """A process of PostgreSQL, whose death takes all of them down; it would end with its client."""
    connection = await asyncpg.connect(url)
    kill(await connection.fetchval("SELECT pg_backend_pid()"))
    connection.terminate()
