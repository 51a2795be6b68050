"""The bridge beside the original and beside ours, on the database that the original made."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.bridge import InvalidToken, Presented, Unavailable
from app.bridge.asymmetric import AsymmetricVerifier
from app.bridge.cookie import OpaqueBearer, SessionCookie
from app.bridge.jwks import RemoteKeys
from app.bridge.presented import Authenticator
from app.bridge.remote import RemoteSession
from app.bridge.session_table import SessionTable
from app.models.clock import now
from tests.system.js_client.service import SECRET
from tests.system.parity.database import Place
from tests.system.parity.options import BASE_URL, Options, Setup
from tests.system.parity.servers import Backing, Pair, Server, postgres_place, running
from tests.system.parity.side import Caller

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("bridge and real servers")]

SETUPS: dict[str, Options] = {
    "sqlite": {"jwt.alg": "EdDSA"},
    "postgres": {"jwt.alg": "ES256", "session.cookieCache.enabled": True},
    "secure": {"jwt.alg": "RS256", "advanced.useSecureCookies": True},
}


@pytest.fixture(scope="module", params=SETUPS)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: str
) -> Iterator[Pair]:
    """Both on one database, which the original made."""
    folder = tmp_path_factory.mktemp("servers")
    on_postgres = request.param == "postgres"
    file = Place(file=str(folder / "auth.db"))
    place = postgres_place(postgres_server)(folder) if on_postgres else file
    backing = Backing(lambda _: place, lambda: "")
    with running(Setup(SETUPS[request.param]), folder, backing) as started:
        yield started


class Caught:
    """A browser that signed up, and what it would send to an API."""

    def __init__(self, server: Server, browser: Caller) -> None:
        self.server = server
        self.browser = browser

    @property
    def cookies(self) -> Presented:
        assert self.browser.cookies is not None
        return Presented([], ["; ".join(f"{k}={v}" for k, v in self.browser.cookies.items())])


@pytest.fixture(params=["original", "ours"])
def server(request: pytest.FixtureRequest, pair: Pair) -> Server:
    return pair.original if request.param == "original" else pair.ours


@pytest.fixture
async def caught(pair: Pair, server: Server, tmp_path: Path) -> Caught:
    return Caught(server, await server.side(pair.setup).signed_up(f"{tmp_path.name}@example.com"))


def url_of(server: Server, path: str) -> str:
    return f"http://127.0.0.1:{server.port}/api/auth{path}"


def table_of(server: Server) -> SessionTable:
    place = server.database
    return SessionTable(f"sqlite:///{place.file}" if place.file else place.url)


def days_from_now(days: int) -> datetime:
    return now() + timedelta(days=days)


async def email_of(by: Authenticator, presented: Presented) -> str | None:
    return (await by.authenticate(presented)).email


async def test_tokens_are_verified_with_the_published_keys(caught: Caught) -> None:
    """The issuer is the public address, and the keys come from another."""
    keys = RemoteKeys(url_of(caught.server, "/jwks"))
    verifier = AsymmetricVerifier(keys, issuer=BASE_URL, audience=BASE_URL)
    session = (await caught.browser.get("/get-session")).json
    token = (await caught.browser.get("/token")).json["token"]
    user = await verifier.authenticate(Presented([f"Bearer {token}"]))
    assert (user.id, user.email) == (session["user"]["id"], session["user"]["email"])
    with pytest.raises(InvalidToken, match="issuer"):
        await AsymmetricVerifier(keys, issuer="http://other", audience=BASE_URL).verify(token)
    await keys.close()


async def test_session_is_known_by_cookie_and_by_token_until_it_ends(caught: Caught) -> None:
    session = (await caught.browser.get("/get-session")).json
    table, cookies = table_of(caught.server), caught.cookies
    remote = RemoteSession(url_of(caught.server, "/get-session"))
    bearer = Presented([f"Bearer {session['session']['token']}"])
    ways: list[tuple[Authenticator, Presented]] = [
        (SessionCookie(SECRET, table), cookies),
        (OpaqueBearer(SECRET, table), bearer),
        (remote, cookies),
        (remote, bearer),
    ]
    for by, presented in ways:
        user = await by.authenticate(presented)
        assert (user.id, user.session_id) == (session["user"]["id"], session["session"]["id"])
        assert (user.email, user.name) == (session["user"]["email"], session["user"]["name"])
    await caught.browser.post("/sign-out", {})
    for by, presented in ways:
        with pytest.raises(InvalidToken):
            await by.authenticate(presented)
    await asyncio.gather(table.close(), remote.close())


async def test_signed_token_that_the_server_hands_out(caught: Caught) -> None:
    assert caught.browser.side.steps[0].answer is not None
    signed = caught.browser.side.steps[0].answer.header("set-auth-token")
    token, _, signature = signed.partition(".")
    table, remote = table_of(caught.server), RemoteSession(url_of(caught.server, "/get-session"))
    strict = OpaqueBearer(SECRET, table, require_signature=True)
    presented = Presented([f"Bearer {signed}"])
    assert await email_of(strict, presented) == await email_of(remote, presented)
    forged = Presented([f"Bearer {token}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"])
    for by in (strict, remote):
        with pytest.raises(InvalidToken):
            await by.authenticate(forged)
    await asyncio.gather(table.close(), remote.close())


async def test_expired_session_is_refused(caught: Caught) -> None:
    session = (await caught.browser.get("/get-session")).json["session"]
    database = caught.server.database
    past = database.moment(days_from_now(-1))
    change = 'UPDATE "session" SET "expiresAt" = ? WHERE id = ?'
    await caught.browser.side.sql(change, past, session["id"])
    table, remote = table_of(caught.server), RemoteSession(url_of(caught.server, "/get-session"))
    for by in (SessionCookie(SECRET, table), remote):
        with pytest.raises(InvalidToken):
            await by.authenticate(caught.cookies)
    await asyncio.gather(table.close(), remote.close())


async def test_question_leaves_the_session_as_it_was(caught: Caught) -> None:
    """A renewal's cookie would be lost on the way."""
    session = (await caught.browser.get("/get-session")).json["session"]
    database, old = caught.server.database, days_from_now(2)
    change = 'UPDATE "session" SET "expiresAt" = ? WHERE id = ?'
    await caught.browser.side.sql(change, database.moment(old), session["id"])
    select = 'SELECT "expiresAt" FROM "session" WHERE id = ?'
    before = await caught.browser.side.sql(select, session["id"])
    remote = RemoteSession(url_of(caught.server, "/get-session"))
    assert await email_of(remote, caught.cookies)
    assert await caught.browser.side.sql(select, session["id"]) == before
    await remote.close()


async def test_sessions_in_redis_alone_are_known_by_asking(redis_url: str, tmp_path: Path) -> None:
    file = Place(file=str(tmp_path / "auth.db"))
    backing = Backing(lambda _: file, lambda: redis_url)
    with running(Setup({"secondaryStorage": True}), tmp_path, backing) as pair:
        for number, server in enumerate((pair.original, pair.ours)):
            browser = await server.side(pair.setup).signed_up(f"{number}@example.com")
            cookies = Caught(server, browser).cookies
            table, remote = table_of(server), RemoteSession(url_of(server, "/get-session"))
            assert await email_of(remote, cookies) == f"{number}@example.com"
            with pytest.raises((InvalidToken, Unavailable)):
                await SessionCookie(SECRET, table).authenticate(cookies)
            await browser.post("/sign-out", {})
            with pytest.raises(InvalidToken):
                await remote.authenticate(cookies)
            await asyncio.gather(table.close(), remote.close())
