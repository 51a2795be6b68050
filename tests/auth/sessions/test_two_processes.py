"""Two services on one database: what one of them ends, the other refuses on the next request."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.system.js_client.service import PAGE, running

Json = Any


@pytest.fixture
def servers(database_url: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    with ExitStack() as stack:
        urls = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            urls.append(stack.enter_context(running(database_url, tmp_path / name)).url)
        yield urls[0], urls[1]


def ask(url: str, token: str = "", body: object = None) -> Json:
    headers = {"content-type": "application/json", "origin": PAGE}
    if token:
        headers["authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, headers), timeout=30) as answer:  # noqa: S310  # our own
        return json.load(answer)


def signed_up(server: str) -> str:
    body = {"name": "Ada", "email": "ada@example.com", "password": "correct horse"}
    return str(ask(f"{server}/api/auth/sign-up/email", body=body)["token"])


def session_at(server: str, token: str) -> Json:
    return ask(f"{server}/api/auth/get-session", token)


def test_session_that_one_server_ends_is_refused_by_the_other_at_once(
    servers: tuple[str, str],
) -> None:
    one, two = servers
    tokens = [signed_up(one)]
    for _ in range(20):
        body = {"email": "ada@example.com", "password": "correct horse"}
        tokens.append(ask(f"{two}/api/auth/sign-in/email", body=body)["token"])
    for token in tokens[1:]:
        assert all(session_at(server, token) is not None for server in (one, two, one, two))
        ask(f"{one}/api/auth/revoke-session", tokens[0], {"token": token})
        assert session_at(two, token) is None
        assert session_at(one, token) is None
    assert session_at(two, tokens[0]) is not None


def test_name_that_one_server_changes_is_told_by_the_other_at_once(
    servers: tuple[str, str],
) -> None:
    one, two = servers
    token = signed_up(one)
    for number in range(20):
        assert session_at(two, token) is not None
        ask(f"{one}/api/auth/update-user", token, {"name": f"Ada {number}"})
        assert session_at(two, token)["user"]["name"] == f"Ada {number}"
