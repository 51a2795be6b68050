"""What tests of several features share: databases of both engines, each test with its own."""

import asyncio
import gc
import io
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import pytest
from _pytest.tmpdir import tmppath_result_key
from redis import Redis

from app.schema.migrate import migrate
from app.settings.system import count_cores
from app.storage.database import Database, open_database
from app.storage.redis import RedisStorage
from app.web.middleware.log_lines import configure_logging
from tests.support import (
    chromium,
    distribution,
    logged,
    mariadb,
    memory,
    reused_litestar,
    shared_imports,
    shared_statements,
    traced,
    webhooks,
)
from tests.support.cheap_hashes import patch_cheap, patch_full
from tests.support.other_layouts import EVERY, OtherLayout, make_url
from tests.support.postgres import execute, running_postgres, url_of
from tests.support.prepared_files import prepare
from tests.support.prompt_answers import patch_prompt
from tests.support.redis import MISSING, RedisServer, running_redis
from tests.support.smtp import Sink, smtp_server
from tests.support.spare_databases import SpareDatabases
from tests.system.parity import summary

ENGINES = ("sqlite", "postgres")
_SERVER = pytest.StashKey[ExitStack]()
_SERVER_URL = "BETTER_AUTH_TEST_POSTGRES"
_TEMPLATE = "migrated"
_REDIS = pytest.StashKey[str]()
_REDIS_URL = "redis_url"
_FOLDERS = itertools.count()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Of passwords that these processes hash; a server that a test starts hashes as ever."""
    with patch_cheap():
        yield


@pytest.fixture(scope="session", autouse=True)
def prompt_answers() -> Iterator[None]:
    """In these processes; a server that a test starts waits as ever."""
    with patch_prompt():
        yield


@pytest.fixture(scope="session", autouse=True)
def shared_statement_caches() -> Iterator[None]:
    with shared_statements.patch_compiling():
        yield


@pytest.fixture
def full_cost_hashes() -> Iterator[None]:
    """For modules whose subject is hashes, or the time that they take."""
    with patch_full():
        yield


@pytest.fixture(params=EVERY)
def other(request: pytest.FixtureRequest) -> OtherLayout:
    """How an application with Drizzle or Prisma names and stores things."""
    return EVERY[request.param]


@pytest.fixture
def other_url(other: OtherLayout, request: pytest.FixtureRequest) -> str:
    """An empty database of the engine that this layout is of."""
    return make_url(other, request)


@pytest.fixture
def tmp_path(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """As pytest's own, which looks through those of all tests before for the number of the next."""
    path = tmp_path_factory.mktemp(str(next(_FOLDERS)), numbered=False)
    yield path
    if request.node.stash[tmppath_result_key].get("call"):  # passed
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def uncollected() -> Iterator[None]:
    """For input that a parser follows down to the recursion limit.

    CPython 3.11 may collect garbage down there, where the finalizers of what earlier tests left
    have no room to run: pytest would tell the test at hand of their RecursionError.
    """
    gc.disable()
    yield
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "engines(name, ...): runs on these, not on every engine")
    traced.let_threads_end()
    memory.put_folders_there()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a database runs on both engines, unless it is marked with some."""
    if "marked_engine" in metafunc.fixturenames:
        nearest = metafunc.definition.get_closest_marker("engines")
        engines = nearest.args if nearest else ENGINES
        metafunc.parametrize("marked_engine", engines, indirect=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Nothing that is made here becomes garbage; to look for it takes a quarter of the time."""
    gc.disable()
    _import_tests(session)
    yield
    gc.enable()


def _import_tests(session: pytest.Session) -> None:
    worker = getattr(session.config, "workerinput", None)
    if worker and session.config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        number = int(worker["workerid"].removeprefix("gw"))
        shared_imports.import_tests(number, worker["workercount"])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    distribution.put_slowest_first(items)


def pytest_collection_finish() -> None:
    """To look through all that is here by now for garbage, again and again, costs much."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, because workers often wait for servers."""
    return count_cores() + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """In the order of the tests, not by how many a file has."""
    if config.option.dist != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return distribution.ByFile(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """With xdist the controller starts the one server that all workers share."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]  # xdist publishes no types
    node.workerinput[_SERVER_URL] = _server_url(config)  # type: ignore[attr-defined]  # the same
    node.workerinput[_REDIS_URL] = _redis_server_url(config)  # type: ignore[attr-defined]  # the same


def pytest_unconfigure(config: pytest.Config) -> None:
    if stack := config.stash.get(_SERVER, None):
        stack.close()
        os.environ.pop(_SERVER_URL, None)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Only the process that hears of all tests can tell that too little was compared."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    tally = summary.tally(reporter.stats) if reporter is not None else None
    if tally is not None and tally.is_short:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for missing in (chromium.MISSING, mariadb.MISSING, MISSING):
        if missed := sum(missing in reason for reason in skipped):
            terminalreporter.write_line(f"{missed} tests did not run: {missing}", yellow=True)
    if tally := summary.tally(terminalreporter.stats):
        terminalreporter.write_line(str(tally), red=tally.is_short)


def _server_url(config: pytest.Config) -> str:
    if _SERVER_URL not in os.environ:
        os.environ[_SERVER_URL] = _servers(config).enter_context(running_postgres())
    return os.environ[_SERVER_URL]


def _redis_server_url(config: pytest.Config) -> str:
    """Empty where no Redis is installed."""
    if _REDIS not in config.stash:
        server = _servers(config).enter_context(running_redis())
        config.stash[_REDIS] = "" if server is None else server.url
    return config.stash[_REDIS]


def _servers(config: pytest.Config) -> ExitStack:
    return config.stash.setdefault(_SERVER, ExitStack())


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """The URL of a running server's superuser database."""
    given = getattr(request.config, "workerinput", None)
    return str(given[_SERVER_URL]) if given else _server_url(request.config)


@pytest.fixture(scope="session")
def redis_server_url(request: pytest.FixtureRequest) -> str:
    """The URL of a running server; skips the test where none is installed, except in CI."""
    given = getattr(request.config, "workerinput", None)
    url = str(given[_REDIS_URL]) if given else _redis_server_url(request.config)
    if not url:
        _do_without_redis()
    return url


@pytest.fixture
def redis_url(redis_server_url: str) -> Iterator[str]:
    """A Redis database of the test's own."""
    with Redis.from_url(redis_server_url) as client:
        number = client.incr("databases given out")
    url = redis_server_url.replace("db=0", f"db={number}")
    yield url
    with Redis.from_url(url) as own:
        own.flushdb()


@pytest.fixture
async def storage(redis_url: str) -> AsyncIterator[RedisStorage]:
    """Opened on it, without a prefix."""
    opened = RedisStorage.open(redis_url)
    yield opened
    await opened.close()


@pytest.fixture
def stoppable_redis() -> Iterator[RedisServer]:
    """A server of the test's own, which may be stopped."""
    with running_redis() as server:
        if server is None:
            _do_without_redis()
        yield server


def _do_without_redis() -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "auth.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a migrated database to copy; each worker has its own."""
    name = f"{_TEMPLATE}_{uuid4().hex}"
    asyncio.run(execute(postgres_server, f'CREATE DATABASE "{name}"'))
    asyncio.run(migrate(url_of(postgres_server, name)))
    return name


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """A file that is not there yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture(scope="session")
def spare_empty_databases(postgres_server: str) -> Iterator[SpareDatabases]:
    spare = SpareDatabases(postgres_server, "template1")
    yield spare
    spare.close()


@pytest.fixture
def empty_postgres_url(spare_empty_databases: SpareDatabases) -> Iterator[str]:
    with spare_empty_databases.one() as url:
        yield url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated file of the test's own."""
    shutil.copy(sqlite_template, tmp_path / "auth.db")
    return f"sqlite:///{tmp_path / 'auth.db'}"


@pytest.fixture(scope="session")
def spare_databases(postgres_server: str, postgres_template: str) -> Iterator[SpareDatabases]:
    spare = SpareDatabases(postgres_server, postgres_template)
    yield spare
    spare.close()


@pytest.fixture
def postgres_url(spare_databases: SpareDatabases) -> Iterator[str]:
    """A migrated database of the test's own."""
    with spare_databases.one() as url:
        yield url


@pytest.fixture
def marked_engine(request: pytest.FixtureRequest) -> str:
    """Each that `pytest_generate_tests` finds."""
    return str(request.param)


@pytest.fixture
def engine(marked_engine: str) -> str:
    """Both in turn, one for all databases of a test."""
    return marked_engine


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
    reused_litestar.release(opened)


@pytest.fixture
async def webhook_database(database_url: str) -> AsyncIterator[Database]:
    """With the tables of webhooks."""
    await prepare(database_url, webhooks.REQUIREMENTS)
    opened = await open_database(database_url)
    yield opened
    await opened.close()
    reused_litestar.release(opened)


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    opened = await open_database(sqlite_url)
    yield opened
    await opened.close()
    reused_litestar.release(opened)


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[Database]:
    opened = await open_database(postgres_url)
    yield opened
    await opened.close()
    reused_litestar.release(opened)


@pytest.fixture
async def smtp_sink() -> AsyncIterator[Sink]:
    """A mail server that wants neither TLS nor a login."""
    async with smtp_server() as sink:
        yield sink


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Standard output."""
    with logged.captured(monkeypatch) as stream:
        yield stream


@pytest.fixture
def log(output: io.StringIO) -> logged.Lines:
    """What was logged so far, as JSON."""
    configure_logging("json")
    return lambda: logged.parsed(output)
