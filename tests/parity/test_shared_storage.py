"""The original and ours on one Redis and one database, as while one takes over from the other."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import node, programs
from tests.client.service import COMMAND, PAGE, SECRET, inherited

from .http import Answer, Header, send
from .servers import PROGRAM

BASE_URL = "http://localhost:4000"  # of both: they stand behind one proxy
ADA = {"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"}


class Site:
    """One of the two servers, asked by a browser that has the cookies of whichever it was sent."""

    def __init__(self, port: int) -> None:
        self._port = port

    def post(self, path: str, body: object, cookie: str = "") -> Answer:
        content = json.dumps(body).encode()
        return self._send("POST", path, [("Content-Type", "application/json")], cookie, content)

    def session(self, cookie: str) -> object:
        return self._send("GET", "/get-session", [], cookie, None).json

    def listed(self, cookie: str) -> list[str]:
        answer = self._send("GET", "/list-sessions", [], cookie, None)
        return [session["token"] for session in answer.json]

    def _send(
        self, method: str, path: str, headers: list[Header], cookie: str, content: bytes | None
    ) -> Answer:
        sent = [("Host", "localhost:4000"), ("Origin", PAGE), ("Cookie", cookie), *headers]
        return send(self._port, method, f"/api/auth{path}", sent, content)


@pytest.fixture
def sites(tmp_path: Path, redis_url: str) -> Iterator[dict[str, Site]]:
    """The original came first: the database and the keys are as it makes them."""
    node.install(PROGRAM)
    ports = programs.free_port(), programs.free_port()
    options = {"baseURL": BASE_URL, "trustedOrigins": [PAGE], "redis": redis_url}
    original = {
        **{name: value for name, value in inherited().items() if name != "PYTHONPATH"},
        "PORT": str(ports[0]),
        "OPTS": json.dumps(options),
        "BETTER_AUTH_SECRET": SECRET,
        "DB": str(tmp_path / "auth.db"),
        "MAILS": str(tmp_path / "mails.jsonl"),
    }
    ours = inherited() | {
        "PORT": str(ports[1]),
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_URL": BASE_URL,
        "BETTER_AUTH_TRUSTED_ORIGINS": PAGE,
        "BETTER_AUTH_RATE_LIMIT_ENABLED": "false",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'auth.db'}",
        "REDIS_URL": redis_url,
    }
    folders = [tmp_path / "original", tmp_path / "ours"]
    for folder in folders:
        folder.mkdir()
    with ExitStack() as stack:
        program = [str(node.node()), str(PROGRAM / "server.mjs")]
        stack.enter_context(programs.running(program, original, folders[0], ports[0]))
        stack.enter_context(programs.running(COMMAND, ours, folders[1], ports[1]))
        yield {"original": Site(ports[0]), "ours": Site(ports[1])}


@pytest.mark.parametrize(("here", "there"), [("original", "ours"), ("ours", "original")])
def test_what_one_server_does_the_other_sees(sites: dict[str, Site], here: str, there: str) -> None:
    first, second = sites[here], sites[there]
    cookie = _cookies(first.post("/sign-up/email", ADA))
    found = first.session(cookie)
    assert found
    assert second.session(cookie) == found

    other = _cookies(second.post("/sign-in/email", ADA))
    assert first.session(other)
    assert first.listed(cookie) == second.listed(cookie)
    assert len(first.listed(cookie)) == 2

    second.post("/sign-out", {}, cookie)
    assert first.session(cookie) is None
    assert second.session(cookie) is None

    third = _cookies(second.post("/sign-in/email", ADA))
    first.post("/revoke-other-sessions", {}, third)
    assert second.session(other) is None
    assert second.session(third)
    second.post("/revoke-sessions", {}, third)
    assert first.session(third) is None


def _cookies(answer: Answer) -> str:
    assert answer.status == 200, answer.body
    return "; ".join(line.partition(";")[0] for line in answer.all("set-cookie"))
