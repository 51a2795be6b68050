"""The blocks of docs/embedding.md as applications, with the official client."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.pages import block
from tests.support.programs import free_port
from tests.support.secret import STRONG_SECRET
from tests.system.js_client.flow import run_flow
from tests.system.js_client.service import Service

from .hosts import DJANGO, Host, hosting

pytestmark = pytest.mark.xdist_group("embedding")

_STARLETTE = """
from starlette.responses import JSONResponse


async def me(request):
    active = await auth.get_session(request.headers)
    return JSONResponse({"id": active.user.id if active else None})


app.add_route("/me", me)
"""
_QUART = """
from quart import request


@app.get("/me")
async def me():
    active = await auth.get_session(request.headers)
    return {"id": active.user.id if active else None}


@app.before_serving
async def start():
    print("Quart starts")


@app.after_serving
async def end():
    print("Quart ends")
"""
_AUTHORS = """
@get("/api/authors/{number:int}")
async def find_author(number: int) -> int:
    return number


"""
_LIVE = """
from better_auth_service.bridge.fastapi import LiveUser


@app.get("/live")
async def live(user: LiveUser):
    return {"id": user.id}
"""
_MIDDLEWARE = """
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware


async def read_body(request, call_next):
    request.session["seen"] = len(await request.body())
    return await call_next(request)


app.add_middleware(BaseHTTPMiddleware, dispatch=read_body)
app.add_middleware(SessionMiddleware, secret_key="of Starlette")
app.add_middleware(GZipMiddleware, minimum_size=10)
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["localhost"])
app.add_middleware(
    CORSMiddleware,
    allow_origins=["http://localhost:3000"],
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
    expose_headers=["set-auth-token", "set-auth-jwt", "X-Retry-After"],
)
"""


class Answer(NamedTuple):
    status: int
    body: bytes
    cookie: str


@pytest.fixture(scope="module")
def fastapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """FastAPI with the types of the bridge, and every middleware of the page."""
    with hosting(
        block("docs/embedding.md", "Who is signed in", "python", 1)
        + block("docs/embedding.md", "FastAPI", "python", 1)
        + _LIVE
        + _MIDDLEWARE,
        tmp_path_factory.mktemp("fastapi"),
    ) as host:
        yield host


def ask(host: Host, path: str, body: bytes | None = None, **headers: str) -> Answer:
    """A request whose path is sent as it is written."""
    connection = HTTPConnection(host.url.removeprefix("http://"), timeout=10)
    with closing(connection):
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(), answer.getheader("set-cookie", ""))


def sign_up(host: Host, base: str) -> str:
    """The cookie of a new person."""
    body = json.dumps({"name": "Ada", "email": "ada@example.com", "password": "correct horse"})
    headers = {"content-type": "application/json"}
    up = ask(host, f"{base}/sign-up/email", body.encode(), **headers)
    assert up.status == 200
    return up.cookie.partition(";")[0]


def assert_client_works(host: Host) -> None:
    result = run_flow(Service(url=host.url, mails=host.folder), "mounted")
    user: Any = result["up"]["data"]["user"]
    assert result["before"] == {"data": None, "error": None}
    assert result["session"]["data"]["user"] == user
    assert result["token"]["data"]["token"].count(".") == 2
    assert result["me"]["id"] == user["id"]
    assert result["out"]["data"] == {"success": True}
    assert result["crossed"]["data"]["user"] == user
    assert result["exposed"]
    assert result["wrong"]["error"]["code"] == "INVALID_EMAIL_OR_PASSWORD"


def assert_paths_stay_apart(host: Host) -> None:
    for path in ("/api/auth/none", "/api/auth/health/ready", "/api/%61uth/ok"):
        assert ask(host, path)[:2] == (404, b""), path
    for path in ("/none", "/api/authors/1", "/health/ready", "/metrics"):
        status, body, _ = ask(host, path)
        assert (status, bool(body)) == (404, True), path
    assert ask(host, "/api/auth/ok").body == b'{"ok":true}'


def test_fastapi_with_its_middleware(fastapi: Host) -> None:
    assert_client_works(fastapi)


def test_fastapi_answers_its_own_paths(fastapi: Host) -> None:
    assert_paths_stay_apart(fastapi)


def test_fastapi_s_own_document_has_our_operations(fastapi: Host) -> None:
    document = json.loads(ask(fastapi, "/openapi.json").body)
    assert {"/me", "/api/auth/get-session", "/api/auth/sign-in/email"} <= document["paths"].keys()
    text = json.dumps(document)
    for name in {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in document["components"]["schemas"]
    assert ask(fastapi, "/docs").status == 200
    me = document["paths"]["/me"]["get"]
    assert me["security"] == [{"sessionCookie": []}]
    assert {"401", "403", "503"} <= me["responses"].keys()


@pytest.mark.parametrize(
    ("path", "status"), [("/me", 401), ("/live", 401), ("/users/u1", 401), ("/welcome", 200)]
)
def test_types_of_the_bridge_know_nobody(fastapi: Host, path: str, status: int) -> None:
    assert ask(fastapi, path).status == status


def test_foreign_page_may_not_use_the_cookie(fastapi: Host) -> None:
    foreign = {"cookie": "better-auth.session_token=x.y", "origin": "https://evil.example"}
    assert ask(fastapi, "/me", None, **foreign).status == 403


def test_starlette(tmp_path: Path) -> None:
    with hosting(block("docs/embedding.md", "Starlette", "python") + _STARLETTE, tmp_path) as host:
        assert_client_works(host)
        assert_paths_stay_apart(host)


def test_litestar(tmp_path: Path) -> None:
    with hosting(block("docs/embedding.md", "Who is signed in", "python", 2), tmp_path) as host:
        assert_client_works(host)
        assert_paths_stay_apart(host)


def test_litestar_keeps_its_paths_that_begin_alike(tmp_path: Path) -> None:
    text = block("docs/embedding.md", "Litestar", "python")
    text = text.replace("import Litestar\n", f"import Litestar, get\n\n{_AUTHORS}")
    with hosting(text.replace("Litestar(", "Litestar([find_author], "), tmp_path) as host:
        assert ask(host, "/api/authors/7").body == b"7"
        assert ask(host, "/api/auth/ok").body == b'{"ok":true}'


def test_quart_starts_and_ends_with_its_own_functions(tmp_path: Path) -> None:
    with hosting(block("docs/embedding.md", "Quart", "python") + _QUART, tmp_path) as host:
        assert_client_works(host)
        assert_paths_stay_apart(host)
    assert host.log.index("Quart starts") < host.log.index("Quart ends")


def test_django(tmp_path: Path) -> None:
    with hosting(block("docs/embedding.md", "Django", "python"), tmp_path, files=DJANGO) as host:
        assert_client_works(host)
        assert_paths_stay_apart(host)
        cookie = sign_up(host, "/api/auth")
        assert json.loads(ask(host, "/sync", cookie=cookie).body) == {"name": "Ada"}


def test_django_without_a_lifespan_opens_with_the_first_request(tmp_path: Path) -> None:
    asgi = block("docs/embedding.md", "Django", "python")
    with hosting(asgi, tmp_path, files=DJANGO, arguments=("--lifespan", "off")) as host:
        assert_client_works(host)


def test_lifespan_of_one_s_own_runs_inside(tmp_path: Path) -> None:
    with hosting(block("docs/embedding.md", "A lifespan of your own", "python"), tmp_path) as host:
        assert ask(host, "/api/auth/ok").status == 200
    assert host.log.index("my own start") < host.log.index("my own end")


def test_session_of_the_headers(tmp_path: Path) -> None:
    with hosting(block("docs/embedding.md", "Who is signed in", "python", 0), tmp_path) as host:
        assert json.loads(ask(host, "/greeting").body) == {"text": "Hello"}
        cookie = sign_up(host, "/api/auth")
        assert json.loads(ask(host, "/greeting", cookie=cookie).body) == {"text": "Hello Ada"}


def test_in_front_of_fastapi(tmp_path: Path) -> None:
    with hosting(block("docs/embedding.md", "Speed", "python"), tmp_path) as host:
        assert_paths_stay_apart(host)
        assert ask(host, "/docs").status == 200


def test_two_in_one_application(tmp_path: Path) -> None:
    text = block("docs/embedding.md", "Two in one application", "python")
    other_secret = "Zt8wR5yB1nC6dF0gH2sk3J9vQ2mX7pL4"
    with hosting(text, tmp_path, STAFF_SECRET=other_secret) as host:
        customer, employee = sign_up(host, "/api/auth"), sign_up(host, "/staff/auth")
        both = f"{customer}; {employee}"
        seen = {
            path: [ask(host, path, cookie=cookie).status for cookie in (customer, employee, both)]
            for path in ("/orders", "/staff/orders")
        }
    assert seen == {"/orders": [200, 401, 200], "/staff/orders": [401, 200, 200]}


def test_fastapi_block_with_several_workers_and_an_empty_folder(tmp_path: Path) -> None:
    workers = ("--workers", "2")
    with hosting(
        block("docs/embedding.md", "FastAPI", "python"), tmp_path, arguments=workers
    ) as host:
        assert ask(host, "/api/auth/get-session").body == b"null"
    assert "Traceback" not in host.log


def test_database_that_is_down_stops_the_start_with_one_line(tmp_path: Path) -> None:
    down = f"postgresql://u:hunter2@127.0.0.1:{free_port()}/main"
    with (
        pytest.raises(AssertionError, match="the server did not start"),
        hosting(
            block("docs/embedding.md", "FastAPI", "python"),
            tmp_path,
            DATABASE_URL=down,
            DATABASE_WAIT="0",
        ),
    ):
        pass
    log = (tmp_path / "server.log").read_text()
    assert "hunter2" not in log
    assert log.count("Traceback") == 1, "that of the framework"
    (line,) = [each for each in log.splitlines() if "database main cannot be reached" in each]
    assert line.endswith("; start it, or correct DATABASE_URL")


def test_mount_at_another_path_says_so_in_one_line(tmp_path: Path) -> None:
    text = block("docs/embedding.md", "FastAPI", "python").replace(
        'mount("/api/auth"', 'mount("/auth"'
    )
    with hosting(text, tmp_path) as host:
        status, body, _ = ask(host, "/auth/ok")
    assert status == 500
    assert body.decode() == (
        "BetterAuth is mounted at /auth, but its base path is /api/auth: mount it at /api/auth, or"
        " set BETTER_AUTH_BASE_PATH to /auth"
    )


def test_proxy_that_removes_a_prefix(tmp_path: Path) -> None:
    text = block("docs/embedding.md", "FastAPI", "python").replace(
        "FastAPI(", 'FastAPI(root_path="/shop", '
    )
    url = "http://localhost:8000/shop/api/auth"
    with hosting(text, tmp_path, BETTER_AUTH_URL=url) as host:
        assert ask(host, "/api/auth/ok").status == 200


def test_settings_in_python(tmp_path: Path) -> None:
    text = (
        block("docs/embedding.md", "Settings in Python", "python").replace("app = ", "")
        + "\napp = auth\n"
    )
    with hosting(text, tmp_path, AUTH_SECRET=STRONG_SECRET, BETTER_AUTH_SECRET="") as host:
        assert ask(host, "/api/auth/ok").status == 200
        assert ask(host, "/api/auth/two-factor/enable").status == 404  # a POST alone
