"""A running service per database, and the flows that pages of a browser run against it."""

import asyncio
from collections.abc import Iterator
from functools import cache, partial
from uuid import uuid4

import asyncpg
import pytest

from .flow import Flow, run_flow
from .service import Service, running


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    if request.param == "sqlite":
        url = "sqlite:///auth.db"
    else:
        url = asyncio.run(_new_database(request.getfixturevalue("postgres_server")))
    with running(url, folder) as started:
        yield started


@pytest.fixture(scope="session")
def flow(service: Service) -> Flow:
    """Runs `flows/<name>.mjs` once per service; what it returned."""
    return cache(partial(run_flow, service))


async def _new_database(server: str) -> str:
    name = f"client_{uuid4().hex}"
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return server.replace("/postgres?", f"/{name}?")
