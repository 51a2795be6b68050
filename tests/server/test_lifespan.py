"""The life of the application, as an HTTP server leads it."""

import gc
import sys
from pathlib import Path

import pytest

from app.models.errors import StoreUnavailable
from app.plugins.jwt.options import JwksOptions, JwtOptions
from app.schema.requirements import Requirements
from app.schema.state import SchemaState, inspect_schema
from app.server import opening, store_wait
from app.server.app import create_service_app
from app.server.container import Container
from app.server.lifespan import Service
from app.server.resources import Resources
from app.settings.settings import Settings
from app.storage.database import Database
from app.web.http.asgi import Message
from tests.support.asgi import call
from tests.support.own_tables import versions
from tests.support.plugins import enabled
from tests.support.programs import free_port
from tests.support.redis import RedisServer
from tests.system.original_schema import execute

pytestmark = pytest.mark.anyio

SECRET = "a-secret-for-tests-only-k3J9vQ2mX7pL4"


async def life(
    database_url: str,
    *,
    ask: bool = False,
    wait: int = 30,
    spared: list[int] | None = None,
    collected: list[bool] | None = None,
    options: JwtOptions = JwtOptions(),  # noqa: B008  # frozen
    redis_url: str | None = None,
) -> list[Message]:
    """What it says when the server starts and stops it; in between it is asked, if it is up.

    `spared` gets how many objects are kept from the garbage collector each time it says something,
    `collected` whether others are searched then.
    """
    settings = Settings(
        secret=SECRET,
        database_url=database_url,
        database_wait=wait,
        plugins=enabled(options),
        redis_url=redis_url,
    )
    application = Service(settings)
    told = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    said: list[Message] = []

    async def receive() -> Message:
        return told.pop(0)

    async def send(message: Message) -> None:
        said.append(message)
        if spared is not None:
            spared.append(gc.get_freeze_count())
        if collected is not None:
            collected.append(gc.isenabled())
        if ask and message["type"] == "lifespan.startup.complete":
            assert (await call(application, "GET", "/api/auth/ok")).status == 200

    await application({"type": "lifespan"}, receive, send)
    return said


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []

    async def noted(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(store_wait, "sleep", noted)
    return waits


async def test_service_answers_between_start_and_stop(database_url: str) -> None:
    said = await life(database_url, ask=True)
    assert [message["type"] for message in said] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


async def test_what_it_starts_with_is_never_searched_for_garbage(database_url: str) -> None:
    spared: list[int] = []
    await life(database_url, spared=spared)
    while_up, at_the_end = spared
    assert while_up > len(sys.modules)
    assert at_the_end == 0


@pytest.mark.usefixtures("uncollected")  # as a worker is while it starts
async def test_garbage_is_collected_while_it_serves(sqlite_url: str) -> None:
    collected: list[bool] = []
    await life(sqlite_url, collected=collected)
    assert collected == [True, True]


@pytest.mark.parametrize("path", ["/token", "/ok", "/get-session", "/reference"])
async def test_key_set_at_the_path_of_another_route_is_refused(sqlite_url: str, path: str) -> None:
    (said,) = await life(sqlite_url, options=JwtOptions(jwks=JwksOptions(jwks_path=path)))
    assert said["type"] == "lifespan.startup.failed"
    assert said["message"].startswith(f"BETTER_AUTH_JWT_JWKS_JWKS_PATH: {path} is the path of")


async def test_store_that_comes_back_is_waited_for(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, slept: list[float]
) -> None:
    away = [StoreUnavailable, StoreUnavailable]

    async def inspected(database: Database, wanted: Requirements) -> SchemaState:
        if away:
            raise away.pop()
        return await inspect_schema(database, wanted)

    monkeypatch.setattr(opening, "inspect_schema", inspected)
    assert (await life(sqlite_url))[0]["type"] == "lifespan.startup.complete"
    assert slept == [1, 1]


async def test_store_that_stays_away_is_one_line(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def inspected(database: Database, wanted: Requirements) -> SchemaState:
        raise StoreUnavailable

    monkeypatch.setattr(opening, "inspect_schema", inspected)
    (said,) = await life(sqlite_url, wait=0)
    assert said["type"] == "lifespan.startup.failed"
    assert said["message"].startswith(f"{sqlite_url.removeprefix('sqlite:///')} cannot be used: ")


async def test_login_that_is_refused_is_not_waited_for(
    postgres_server: str, slept: list[float]
) -> None:
    (said,) = await life(postgres_server.replace("/postgres?", "/nowhere?"))
    assert said["message"].endswith('database "nowhere" does not exist; correct DATABASE_URL')
    assert slept == []


async def test_database_that_was_never_migrated_is_one_line(empty_postgres_url: str) -> None:
    (said,) = await life(empty_postgres_url)
    assert "not up to date" in said["message"]


async def test_the_bare_address_leads_to_the_docs_page(sqlite_database: Database) -> None:
    state = await inspect_schema(sqlite_database)
    app = create_service_app(Container(Settings(secret=SECRET), Resources(sqlite_database), state))
    answer = await call(app, "GET", "/")
    assert (answer.status, answer.header("location")) == (302, "/docs")


async def test_service_starts_before_its_redis_and_ready_tells_that_it_is_away(
    sqlite_url: str,
) -> None:
    settings = Settings(
        secret=SECRET, database_url=sqlite_url, redis_url="redis://user:word@127.0.0.1:1/0"
    )
    resources = await Resources.open(settings)
    schema = await inspect_schema(resources.database)
    app = create_service_app(Container(settings, resources, schema))
    answer = await call(app, "GET", "/health/ready")
    await resources.close()
    assert answer.status == 503
    assert answer.json()["checks"] == {"database": True, "schema": True, "storage": False}


async def test_ready_tells_that_redis_is_there(sqlite_url: str, redis_url: str) -> None:
    settings = Settings(secret=SECRET, database_url=sqlite_url, redis_url=redis_url)
    resources = await Resources.open(settings)
    schema = await inspect_schema(resources.database)
    app = create_service_app(Container(settings, resources, schema))
    answer = await call(app, "GET", "/health/ready")
    await resources.close()
    assert answer.status == 200
    assert answer.json()["checks"] == {"database": True, "schema": True, "storage": True}


async def test_redis_in_cluster_mode_stops_the_start(
    sqlite_url: str, stoppable_redis: RedisServer
) -> None:
    port = free_port()
    stoppable_redis.stop()
    stoppable_redis.options = ("--port", str(port), "--cluster-enabled", "yes")
    stoppable_redis.start()
    [failed] = await life(sqlite_url, redis_url=f"redis://127.0.0.1:{port}/0")
    assert failed["type"] == "lifespan.startup.failed"
    assert str(failed["message"]).startswith("REDIS_URL: it is in cluster mode")


async def test_broken_mail_template_stops_the_start(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "reset-password.txt").write_text("no subject, but {{url}}")
    settings = Settings(
        secret=SECRET, database_url=sqlite_url, smtp_url="console:", mail_templates=str(tmp_path)
    )
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        said.append(message)

    await Service(settings)({"type": "lifespan"}, receive, send)
    [failed] = said
    assert failed["type"] == "lifespan.startup.failed"
    assert failed["message"].startswith("MAIL_TEMPLATES: reset-password.txt must begin")


@pytest.mark.parametrize("name", ["jwks", "better_auth_migrations"])
async def test_ready_names_a_table_that_another_program_dropped(
    database_url: str, name: str
) -> None:
    settings = Settings(secret=SECRET, database_url=database_url)
    resources = await Resources.open(settings)
    schema = await inspect_schema(resources.database)
    app = create_service_app(Container(settings, resources, schema))
    table = versions(database_url) if name == "better_auth_migrations" else name
    await execute(database_url, f"DROP TABLE {table}")
    answer = await call(app, "GET", "/health/ready")
    served = await call(app, "GET", "/api/auth/get-session")
    await resources.close()
    assert answer.status == 503
    assert answer.json()["checks"] == {"database": True, "schema": False, f"table {table}": False}
    assert served.status == 200, "the service goes on"
