"""A running service per database, and the flows that pages of a browser run against it."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from tests import node

from .flow import Flow, Result
from .service import PAGE, Service, running

HERE = Path(__file__).parent
FLOW_SECONDS = 60


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
    node.install(HERE)

    @cache
    def run(name: str) -> Result:
        command = [str(node.node()), str(HERE / "run.mjs"), name, service.url, PAGE]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=FLOW_SECONDS
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


async def _new_database(server: str) -> str:
    name = f"client_{uuid4().hex}"
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return server.replace("/postgres?", f"/{name}?")
