"""When it opens and closes, in which event loop, and what it leaves as it is."""

import asyncio
import gc
import logging
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app import BetterAuth, NotOpen, SchemaError, Settings
from app.mail.mailer import Message
from app.server.embedding.wrapping import WrappedApp
from app.server.telemetry.recording import is_recording
from app.web.http.asgi import App, Receive, Scope, Send, respond
from app.web.http.asgi import Message as Event
from tests.support.asgi import call, json_body
from tests.support.programs import free_port
from tests.support.secret import STRONG_SECRET
from tests.support.service import EMAIL, JSON

from .mounted import make_auth, sign_up

pytestmark = pytest.mark.anyio


async def live(app: App) -> list[Event]:
    """What an application says when a server starts and stops it."""
    events: list[Event] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    said: list[Event] = []

    async def receive() -> Event:
        return events.pop(0)

    async def send(message: Event) -> None:
        said.append(message)

    await app({"type": "lifespan"}, receive, send)
    return said


def own_app(failure: str | None = None) -> tuple[App, list[str]]:
    """An application with a lifespan, and what became of it."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            seen.append(scope["path"])
            await respond(send, 299, [])
            return
        await receive()
        seen.append("start")
        if failure is not None:
            await send({"type": "lifespan.startup.failed", "message": failure})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        seen.append("end")
        await send({"type": "lifespan.shutdown.complete"})

    return app, seen


async def without_lifespan(scope: Scope, _receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        raise ValueError("only HTTP")
    await respond(send, 299, [])


async def test_it_follows_the_events_of_a_server(sqlite_url: str) -> None:
    auth = make_auth(sqlite_url)
    assert [message["type"] for message in await live(auth)] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    with pytest.raises(NotOpen):
        _ = auth.container


async def test_wrapped_application_starts_and_ends_inside(sqlite_url: str) -> None:
    app, seen = own_app()
    said = await live(make_auth(sqlite_url).wrap(app))
    assert [message["type"] for message in said] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert seen == ["start", "end"]


async def test_wrapped_application_may_have_no_lifespan(sqlite_url: str) -> None:
    wrapped = make_auth(sqlite_url).wrap(without_lifespan)
    assert len(await live(wrapped)) == 2


async def test_wrapped_application_that_does_not_start_says_why(sqlite_url: str) -> None:
    auth = make_auth(sqlite_url)
    (said,) = await live(auth.wrap(own_app("no license")[0]))
    assert said == {"type": "lifespan.startup.failed", "message": "no license"}
    with pytest.raises(NotOpen):
        _ = auth.container


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/auth/ok", 200),
        ("/api/auth", 404),
        ("/api/auth/none", 404),
        ("/api/%61uth/ok", 404),
        ("/x/../api/auth/ok", 200),
        ("/api/authors", 299),
        ("/api", 299),
        ("/", 299),
    ],
)
async def test_wrapped_application_gets_all_other_paths(
    sqlite_url: str, path: str, status: int
) -> None:
    auth = make_auth(sqlite_url)
    async with auth.lifespan():
        assert (await call(auth.wrap(without_lifespan), "GET", path)).status == status


async def test_websocket_below_the_path_is_refused(sqlite_url: str) -> None:
    said: list[Event] = []

    async def send(message: Event) -> None:
        said.append(message)

    async def receive() -> Event:
        return {"type": "websocket.connect"}

    scope = {"type": "websocket", "path": "/api/auth/ok", "raw_path": b"/api/auth/ok"}
    wrapped = WrappedApp(make_auth(sqlite_url), without_lifespan)
    await wrapped(scope, receive, send)
    assert said == [{"type": "websocket.close"}]


async def test_server_may_send_no_raw_path_and_a_framework_remove_the_prefix(
    sqlite_url: str,
) -> None:
    auth = make_auth(sqlite_url)
    for path, root_path in (("/api/auth/ok", ""), ("/ok", "/api/auth")):
        scope: Scope = {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "root_path": root_path,
            "query_string": b"",
            "headers": [],
            "client": None,
        }
        said: list[Event] = []

        async def send(message: Event, said: list[Event] = said) -> None:
            said.append(message)

        async def receive() -> Event:
            return {"type": "http.request", "body": b"", "more_body": False}

        await auth(scope, receive, send)
        assert said[0]["status"] == 200
        assert "path_template" not in scope
        assert "state" not in scope
    await auth.close()


async def test_lifespans_inside_of_each_other_close_with_the_last(sqlite_url: str) -> None:
    auth = make_auth(sqlite_url)
    async with auth.lifespan():
        async with auth.lifespan():
            pass
        assert (await call(auth, "GET", "/api/auth/get-session")).status == 200
    with pytest.raises(NotOpen):
        _ = auth.container


def test_each_event_loop_that_follows_opens_it_again(sqlite_url: str) -> None:
    auth = make_auth(sqlite_url)
    for _ in range(2):
        answer = asyncio.run(call(auth, "GET", "/api/auth/get-session"))
        assert answer.json() is None


async def test_other_event_loop_is_refused_while_it_is_open(sqlite_url: str) -> None:
    auth = make_auth(sqlite_url)
    async with auth.lifespan():
        asked = asyncio.to_thread(asyncio.run, call(auth, "GET", "/api/auth/ok"))
        with pytest.raises(NotOpen, match="open in another event loop"):
            await asked
        assert (await call(auth, "GET", "/api/auth/ok")).status == 200


async def test_wait_for_a_database_that_is_down_is_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    auth = make_auth(f"postgresql://u:p@127.0.0.1:{free_port()}/main", database_wait=1)
    await live(auth)
    waiting = [each for each in caplog.records if "; waiting for it, 1 second" in each.getMessage()]
    assert [each.levelname for each in waiting] == ["WARNING"]


async def test_database_that_is_down_is_one_line_and_503(
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = f"postgresql://u:hunter2@127.0.0.1:{free_port()}/main"
    auth = make_auth(url, database_wait=0)
    (said,) = await live(auth)
    assert said["type"] == "lifespan.startup.failed"
    (line,) = said["message"].splitlines()
    assert "database main cannot be reached: " in line
    with pytest.raises(SchemaError, match="database main cannot be reached: "):
        async with auth.lifespan():
            pass
    answer = await call(auth, "GET", "/api/auth/ok")
    assert (answer.status, answer.header("retry-after")) == (503, "2")
    assert answer.json()["code"] == "STORE_UNAVAILABLE"
    of_server = [each.getMessage() for each in caplog.records if each.name == "better_auth.server"]
    assert of_server == [line]
    assert "hunter2" not in line


async def test_schema_that_is_not_current_is_one_line_without_migrations(
    empty_postgres_url: str,
) -> None:
    (said,) = await live(make_auth(empty_postgres_url))
    assert "not up to date" in said["message"]


async def test_it_migrates_when_it_opens(tmp_path: Path) -> None:
    settings = make_auth(f"sqlite:///{tmp_path / 'auth.db'}").settings
    auth = BetterAuth(settings)
    async with auth.lifespan():
        assert (await sign_up(auth)).status == 200


async def test_waiting_mail_is_sent_before_it_closes(sqlite_url: str) -> None:
    sent: list[str] = []
    auth = make_auth(sqlite_url)

    @auth.hooks.send_mail
    async def send(message: Message) -> None:
        await asyncio.sleep(0.05)
        sent.append(message.to)

    async with auth.lifespan():
        await sign_up(auth)
        body = json_body({"email": EMAIL})
        answer = await call(auth, "POST", "/api/auth/request-password-reset", [JSON], body)
        assert answer.status == 200
        assert sent == []
    assert sent == [EMAIL]


async def test_process_of_the_application_stays_as_it_is(sqlite_url: str) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    root = logging.getLogger()
    before, frozen = ([*root.handlers], root.level, logging.raiseExceptions), gc.get_freeze_count()
    auth = make_auth(sqlite_url, metrics_listen="127.0.0.1:9464")
    async with auth.lifespan():
        await sign_up(auth)
        assert not is_recording()
        assert handlers == [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)]
        assert before == ([*root.handlers], root.level, logging.raiseExceptions)
        # Some of what was frozen before may end meanwhile.
        assert frozen // 2 <= gc.get_freeze_count() <= frozen


async def test_handlers_of_the_application_get_one_line_for_each_request(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    auth = make_auth(sqlite_url)
    caplog.set_level(logging.INFO, "better_auth.request")
    async with auth.lifespan():
        for path in ("/ok", "/none"):
            await call(auth, "GET", f"/api/auth{path}")
            await asyncio.sleep(0)
    lines = [each.getMessage() for each in caplog.records if each.name == "better_auth.request"]
    assert lines[0].startswith("GET /api/auth/ok 200 ")
    assert lines[1].startswith("GET unmatched 404 ")


async def test_no_task_is_left_when_it_has_closed(sqlite_url: str) -> None:
    before = asyncio.all_tasks()
    auth = make_auth(sqlite_url)
    async with auth.lifespan():
        await sign_up(auth)
        assert asyncio.all_tasks() > before, "expired rows are deleted"
    assert asyncio.all_tasks() == before


async def test_table_of_the_application_may_be_called_tasks(tmp_path: Path) -> None:
    path = tmp_path / "auth.db"
    with closing(sqlite3.connect(path)) as own:
        own.execute("CREATE TABLE tasks (n INTEGER)")
    settings = Settings(secret=STRONG_SECRET, database_url=f"sqlite:///{path}")
    async with BetterAuth(settings).lifespan():
        pass
    with closing(sqlite3.connect(path)) as own:
        assert own.execute("SELECT sql FROM sqlite_master WHERE name = 'tasks'").fetchall() == [
            ("CREATE TABLE tasks (n INTEGER)",)
        ]
