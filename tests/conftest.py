"""What tests of several features share: databases of both engines, each test with its own."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from app import schema
from app.database import Database, open_database
from tests.postgres import running_postgres

_SERVER = pytest.StashKey[ExitStack]()
_SERVER_URL = "BETTER_AUTH_TEST_POSTGRES"
_TEMPLATE = "migrated"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """With xdist the controller starts the one server that all workers share."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]  # xdist publishes no types
    node.workerinput[_SERVER_URL] = _server_url(config)  # type: ignore[attr-defined]  # the same


def pytest_unconfigure(config: pytest.Config) -> None:
    if stack := config.stash.get(_SERVER, None):
        stack.close()
        os.environ.pop(_SERVER_URL, None)


def _server_url(config: pytest.Config) -> str:
    if _SERVER not in config.stash:
        config.stash[_SERVER] = ExitStack()
        os.environ[_SERVER_URL] = config.stash[_SERVER].enter_context(running_postgres())
    return os.environ[_SERVER_URL]


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """The URL of a running server's superuser database."""
    given = getattr(request.config, "workerinput", None)
    return str(given[_SERVER_URL]) if given else _server_url(request.config)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "auth.db"
    asyncio.run(schema.migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a migrated database to copy; each worker has its own."""
    name = f"{_TEMPLATE}_{uuid4().hex}"
    asyncio.run(_execute(postgres_server, f'CREATE DATABASE "{name}"'))
    asyncio.run(schema.migrate(_named(postgres_server, name)))
    return name


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """A file that is not there yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    yield from _postgres_database(postgres_server, template="template1")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated file of the test's own."""
    shutil.copy(sqlite_template, tmp_path / "auth.db")
    return f"sqlite:///{tmp_path / 'auth.db'}"


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    yield from _postgres_database(postgres_server, template=postgres_template)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """Both in turn, one for all databases of a test."""
    return str(request.param)


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{engine}_url"))


@pytest.fixture
def empty_database_url(engine: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"empty_{engine}_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Opened, on both engines in turn."""
    opened = await open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    opened = await open_database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[Database]:
    opened = await open_database(postgres_url)
    yield opened
    await opened.close()


def _postgres_database(server: str, *, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    asyncio.run(
        _execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    )
    yield _named(server, name)
    asyncio.run(_execute(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()
