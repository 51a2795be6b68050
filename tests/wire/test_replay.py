"""Every recorded exchange on the endpoints that are here, put to the service in the same order."""

from functools import partial

import pytest

from app import parts
from app.database import open_database
from app.main import create_app
from app.rate_limits.database import DatabaseRateLimits
from app.rate_limits.memory import MemoryRateLimits
from app.redis_storage import RedisStorage
from app.resources import Resources
from app.schema import inspect, migrate, wanted_by
from app.web.asgi import App
from tests.asgi import Answer, call
from tests.smtp import Outgoing

from .recording import Request, load, names
from .replay import Caller, Clock, Stores, replay, replayed
from .servers import settings_for

pytestmark = pytest.mark.anyio

WITH_REDIS = ["ss", "ssdb"]
ON_SQLITE = [n for n in names() if load(n).server.db == "sqlite" and n not in WITH_REDIS]
# What differs between the engines is how times, flags and text are stored.
ON_POSTGRESQL = [
    "pg",
    "base",
    "sess",
    "refresh",
    "refreshdef",
    "defer",
    "v_basic",
    "edge",
    "acct",
    "mail",
]


def cases(chosen: list[str]) -> list[object]:
    """Their ids say how many exchanges are replayed."""
    counts = {name: len(list(replayed(name, load(name)))) for name in chosen}
    return [pytest.param(name, id=f"{name}-{count}-exchanges") for name, count in counts.items()]


@pytest.fixture
def fitting_url(name: str, request: pytest.FixtureRequest) -> str:
    """SQLite can't add a column that takes no NULL to a table that is there."""
    grown = bool(settings_for(name, load(name).server).user.additional_fields)
    return str(request.getfixturevalue("empty_sqlite_url" if grown else "sqlite_url"))


@pytest.mark.parametrize("name", cases(ON_SQLITE))
async def test_answers_are_those_of_the_original_on_sqlite(
    name: str, fitting_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await differences(name, fitting_url, monkeypatch)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", cases(ON_POSTGRESQL))
async def test_answers_are_those_of_the_original_on_postgresql(
    name: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await differences(name, postgres_url, monkeypatch)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", cases(WITH_REDIS))
async def test_answers_are_those_of_the_original_with_redis(
    name: str, sqlite_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await differences(name, sqlite_url, monkeypatch, redis_url)
    assert not found, "\n".join(found)


async def differences(
    name: str, url: str, monkeypatch: pytest.MonkeyPatch, redis_url: str = ""
) -> list[str]:
    recording, clock = load(name), Clock()
    settings = settings_for(name, recording.server)
    await migrate(url, wanted_by(settings))
    for counting in (MemoryRateLimits, DatabaseRateLimits):
        timed = partial(counting, clock=clock.monotonic)
        monkeypatch.setattr(parts, counting.__name__, timed)
    database = await open_database(url)
    storage = RedisStorage.open(redis_url, "better-auth:") if redis_url else None
    resources = Resources(database, storage, Outgoing())
    try:
        app = create_app(settings, resources, await inspect(database))
        asked = caller(app, recording.server.host)
        return await replay(name, recording, asked, Stores(database, redis_url), clock)
    finally:
        await resources.close()


def caller(app: App, host: str) -> Caller:
    async def send(request: Request) -> Answer:
        length = [("content-length", str(len(request.bytes)))] if request.body else []
        headers = [("host", host), *request.headers, *length]
        return await call(app, request.method, request.path, headers, request.bytes)  # type: ignore[arg-type, unused-ignore]  # Litestar's names for ASGI

    return send
