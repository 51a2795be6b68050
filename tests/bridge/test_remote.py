"""Asking /get-session: what is forwarded, and which answers count."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import pytest

from app.bridge import InvalidToken, MissingToken, Presented, Unavailable
from app.bridge.errors import ForeignOrigin
from app.bridge.remote import LONGEST_RESPONSE, RemoteSession

from .logged import levels
from .minting import mint
from .web_server import WebServer, answer, document, web_server

pytestmark = pytest.mark.anyio

NAME = "better-auth.session_token"
COOKIE = Presented([], [f"{NAME}=abc.sig"])
BEARER = Presented(["Bearer abc"])


def session(**changes: object) -> dict[str, Any]:
    """An answer of /get-session; a change to `...` leaves a member of the session out."""
    members = {
        "expiresAt": "2999-01-01T00:00:00.000Z",
        "token": "abc",
        "userId": "user-1",
        "id": "session-1",
        **changes,
    }
    return {
        "session": {name: value for name, value in members.items() if value is not ...},
        "user": {"name": "Ada", "email": "ada@example.com", "id": "user-1"},
    }


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    """Knows the session whatever is presented."""
    async with web_server() as served:
        served.answer = document(session())
        yield served


@pytest.fixture
async def remote(server: WebServer) -> AsyncIterator[RemoteSession]:
    by = RemoteSession(server.url)
    yield by
    await by.close()


def sent(server: WebServer, name: str) -> list[str]:
    lines = server.heads[-1].split("\r\n")[1:]
    pairs = [line.partition(": ") for line in lines]
    return [value for key, _, value in pairs if key.lower() == name]


async def test_user_is_made_of_the_answer(remote: RemoteSession) -> None:
    user = await remote.authenticate(COOKIE)
    assert user.claims == {
        "sub": "user-1",
        "sid": "session-1",
        "email": "ada@example.com",
        "name": "Ada",
        "exp": 32_472_144_000,
    }


async def test_question_asks_the_store_and_renews_nothing(
    server: WebServer, remote: RemoteSession
) -> None:
    await remote.authenticate(COOKIE)
    assert server.heads[-1].startswith(
        "GET /asked?disableCookieCache=true&disableRefresh=true HTTP/1.1\r\n"
    )


async def test_query_of_the_url_is_kept(server: WebServer) -> None:
    remote = RemoteSession(f"{server.url}?tenant=a")
    await remote.authenticate(COOKIE)
    assert server.heads[-1].startswith("GET /asked?tenant=a&disableCookieCache=true&")
    await remote.close()


async def test_session_cookies_alone_are_forwarded(
    server: WebServer, remote: RemoteSession
) -> None:
    cookies = f"theme=dark; {NAME}=abc.s%2Big; better-auth.session_data=x; __Secure-{NAME}=d"
    await remote.authenticate(Presented(["Basic dTpw"], [cookies, "other=secret"]))
    assert sent(server, "cookie") == [f"{NAME}=abc.s%2Big; __Secure-{NAME}=d"]
    assert sent(server, "authorization") == []


async def test_bearer_is_forwarded(server: WebServer, remote: RemoteSession) -> None:
    await remote.authenticate(BEARER)
    assert sent(server, "authorization") == ["Bearer abc"]
    assert sent(server, "cookie") == []


async def test_octets_of_a_cookie_arrive_as_they_came(
    server: WebServer, remote: RemoteSession
) -> None:
    await remote.authenticate(Presented([], [f"{NAME}=abc.\xe9\xff"]))
    assert sent(server, "cookie") == [f"{NAME}=abc.\xe9\xff"]


async def test_cookies_that_an_answer_sets_reach_nobody(
    server: WebServer, remote: RemoteSession
) -> None:
    server.answer = answer(
        200, json.dumps(session()).encode(), {"Set-Cookie": f"{NAME}=of-the-first; Path=/"}
    )
    await remote.authenticate(COOKIE)
    await remote.authenticate(BEARER)
    assert sent(server, "cookie") == []


async def test_cookies_and_login_of_a_given_client_are_not_sent(server: WebServer) -> None:
    async with httpx.AsyncClient(
        cookies={NAME: "of the client"}, auth=("user", "password"), follow_redirects=True
    ) as client:
        remote = RemoteSession(server.url, client=client)
        await remote.authenticate(COOKIE)
        assert (sent(server, "cookie"), sent(server, "authorization")) == (
            [f"{NAME}=abc.sig"],
            [],
        )
        await remote.close()
        assert not client.is_closed


async def test_proxy_of_the_environment_is_not_told(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with web_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        remote = RemoteSession(server.url)
        await remote.authenticate(COOKIE)
        assert (proxy.requests, server.requests) == (0, 1)
        await remote.close()


@pytest.mark.parametrize(
    "presented",
    [
        Presented([]),
        Presented([], [""]),
        Presented([], ["theme=dark; better-auth.session_data=x"]),
        Presented(["Basic dTpw"]),
    ],
    ids=["nothing", "empty", "other cookies", "another scheme"],
)
async def test_request_without_credentials_is_not_asked_for(
    server: WebServer, remote: RemoteSession, presented: Presented
) -> None:
    with pytest.raises(MissingToken):
        await remote.authenticate(presented)
    assert server.requests == 0


@pytest.mark.parametrize(
    "presented",
    [
        Presented([], [f"{NAME}=a; {NAME}=b"]),
        Presented([], [f"{NAME}=a", f"{NAME}=a"]),
        Presented([], [f"{NAME}=a\r\nX-Admin: 1"]),
        Presented([], [f"{NAME}=a\nX-Admin: 1"]),
        Presented([], [f"{NAME}=a\0"]),
        Presented([], [f"{NAME}=\u20ac"]),
        Presented([], [f"{NAME}=\udcff"]),
        Presented([], [f"{NAME}={'x' * 9000}"]),
        Presented(["Bearer a\r\nX-Admin: 1"]),
        Presented(["Bearer a\r\n\r\nGET /admin HTTP/1.1\r\n\r\n"]),
        Presented(["Bearer " + "x" * 9000]),
        Presented(["Bearer a", "Bearer b"]),
        Presented(["="], [f"{NAME}=a"]),
    ],
    ids=repr,
)
async def test_odd_credentials_are_refused_unasked(
    server: WebServer, remote: RemoteSession, presented: Presented
) -> None:
    with pytest.raises(InvalidToken):
        await remote.authenticate(presented)
    assert server.requests == 0


async def test_cookie_is_not_forwarded_for_a_foreign_page(server: WebServer) -> None:
    remote = RemoteSession(server.url, origins=["https://app.example"])
    with pytest.raises(ForeignOrigin):
        await remote.authenticate(Presented([], COOKIE.cookies, ["https://evil.example"]))
    assert server.requests == 0
    for presented in (
        Presented([], COOKIE.cookies, ["https://app.example"]),
        Presented(BEARER.authorization, [], ["https://evil.example"]),  # no page can send it
        COOKIE,
    ):
        assert (await remote.authenticate(presented)).id == "user-1"
    await remote.close()


async def test_bearer_takes_no_cookie_of_a_foreign_page_along(server: WebServer) -> None:
    """A bearer that is no session's is passed over by the auth server, and the cookie counts."""
    remote = RemoteSession(server.url, origins=["https://app.example"])
    both = partial(Presented, BEARER.authorization, COOKIE.cookies)
    await remote.authenticate(both(["https://evil.example"]))
    assert (sent(server, "authorization"), sent(server, "cookie")) == (["Bearer abc"], [])
    await remote.authenticate(both(["https://app.example"]))
    assert sent(server, "cookie") == [f"{NAME}=abc.sig"]
    await remote.close()


async def test_no_session_is_an_invalid_token(server: WebServer, remote: RemoteSession) -> None:
    server.answer = document(None)
    for presented in (COOKIE, BEARER):
        with pytest.raises(InvalidToken, match="knows no such session"):
            await remote.authenticate(presented)
    with pytest.raises(InvalidToken, match="an access token, expected the session token"):
        await remote.authenticate(Presented([f"Bearer {mint()}"]))


NO_ANSWERS = {
    "server error": answer(500),
    "unauthorized by a gateway": answer(401, b"null"),
    "forbidden by a gateway": answer(403, b"null"),
    "not found": answer(404, b"null"),
    "too many": answer(429, b"null"),
    "no content": answer(204),
    "no body": answer(200),
    "page": answer(200, b"<html>"),
    "cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\nnull",
    "no http": b"nonsense\r\n\r\n",
    "deep": answer(200, b"[" * 100_000),
    "not utf-8": answer(200, b"\xff"),
    "too long": answer(200, b" " * LONGEST_RESPONSE + b"null"),
    "packed": answer(200, b"null", {"Content-Encoding": "br"}),
    "true": document(True),
    "list": document([session()]),
    "text": document("session"),
    "empty": document({}),
    "no user": document({"session": session()["session"]}),
    "nulls": document({"session": None, "user": None}),
    "somebody else's": document(session(userId="user-2")),
    "another session": document(session(token="xyz")),
    "no session id": document(session(id=...)),
    "numbered session": document(session(id=7)),
    "odd session id": document(session(id="a\0")),
    "no expiry": document(session(expiresAt=...)),
    "odd expiry": document(session(expiresAt="soon")),
    "numeric expiry": document(session(expiresAt=32_472_144_000)),
    "numbered user": document({**session(userId=1), "user": {"id": 1}}),
    "empty user": document({**session(userId=""), "user": {"id": ""}}),
}


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("broken", NO_ANSWERS.values(), ids=list(NO_ANSWERS))
async def test_answer_that_says_nothing_is_unavailable(
    server: WebServer, remote: RemoteSession, broken: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer, server.hangs_up = broken, b"Content-Length: 99" in broken
    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            await remote.authenticate(COOKIE)
        assert "abc" not in str(caught.value)
    assert levels(caplog) == ["ERROR"]
    assert "abc" not in caplog.text


async def test_session_without_its_token_is_believed(
    server: WebServer, remote: RemoteSession
) -> None:
    """Plugins may leave it out of the answer."""
    server.answer = document(session(token=...))
    assert (await remote.authenticate(COOKIE)).id == "user-1"


async def test_redirect_is_not_followed(server: WebServer, remote: RemoteSession) -> None:
    async with web_server() as elsewhere:
        server.answer = answer(307, headers={"Location": elsewhere.url})
        with pytest.raises(Unavailable, match="redirect"):
            await remote.authenticate(COOKIE)
        assert elsewhere.requests == 0


async def test_server_that_never_answers_is_unavailable(server: WebServer) -> None:
    server.may_answer.clear()
    remote = RemoteSession(server.url, timeout=0.05)
    with pytest.raises(Unavailable, match="no answer within"):
        await remote.authenticate(COOKIE)
    await remote.close()


async def test_nobody_listens() -> None:
    async with web_server() as gone:
        url = gone.url
    remote = RemoteSession(url)
    with pytest.raises(Unavailable):
        await remote.authenticate(COOKIE)
    await remote.close()


async def test_answers_to_many_at_once_are_not_mixed_up(
    server: WebServer, remote: RemoteSession
) -> None:
    async def ask() -> str:
        return (await remote.authenticate(COOKIE)).id

    assert await asyncio.gather(*(ask() for _ in range(60))) == ["user-1"] * 60
    assert server.requests == 60
