"""`get_session` and `bridge()` judge as `GET /get-session` does, and change nothing."""

from collections.abc import AsyncIterator
from types import MappingProxyType

import pytest
from sqlalchemy import text

from app import BetterAuth
from app.auth.sessions.database_store import DatabaseSessions
from app.bridge import InvalidToken, MissingToken, Presented
from app.bridge.errors import BannedUser, ForeignOrigin, Unavailable
from app.models.errors import StoreUnavailable
from app.settings.options import CookieCacheOptions, SessionOptions
from tests.support.asgi import Header, call
from tests.support.service import bearer, cookies, from_now

from .mounted import ORIGIN, cookie_of, make_auth, sign_up

pytestmark = pytest.mark.anyio

CACHED = SessionOptions(cookie_cache=CookieCacheOptions(enabled=True))


@pytest.fixture
async def auth(sqlite_url: str) -> AsyncIterator[BetterAuth]:
    made = make_auth(sqlite_url)
    async with made.lifespan():
        yield made


async def execute(auth: BetterAuth, statement: str) -> None:
    async with auth.container.database.begin() as tx:
        await tx.execute(text(statement))


async def count(auth: BetterAuth, table: str) -> int:
    rows = await auth.container.database.read_all(text(f"SELECT id FROM {table}"))
    return len(rows)


async def get_session_of_http(auth: BetterAuth, header: Header) -> object:
    return (await call(auth, "GET", "/api/auth/get-session", [header])).json()


async def test_nobody_is_signed_in_without_credentials(auth: BetterAuth) -> None:
    assert await auth.get_session({}) is None
    assert await auth.get_session([("cookie", "better-auth.session_token=forged.c2ln")]) is None


async def test_headers_may_be_of_any_kind(auth: BetterAuth) -> None:
    name, value = await cookie_of(auth)
    pairs = [(name.encode(), value.encode())]
    for headers in ({"Cookie": value}, MappingProxyType({name: value}), [("COOKIE", value)], pairs):
        active = await auth.get_session(headers)
        assert active is not None
        assert active.user.name == "Ada"


async def test_session_token_is_accepted_as_bearer(auth: BetterAuth) -> None:
    up = await sign_up(auth)
    for token in (up.json()["token"], up.header("set-auth-token") or ""):
        active = await auth.get_session(bearer(token))
        assert active is not None
        assert active.user.id == up.json()["user"]["id"]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM session",
        """UPDATE session SET "expiresAt" = '2020-01-01T00:00:00.000Z'""",
        'DELETE FROM "user"',
    ],
)
async def test_ended_session_is_none_as_by_http(auth: BetterAuth, change: str) -> None:
    cookie = await cookie_of(auth)
    await execute(auth, change)
    assert await auth.get_session([cookie]) is None
    assert await get_session_of_http(auth, cookie) is None


async def test_expired_and_due_sessions_are_left_as_they_are(auth: BetterAuth) -> None:
    cookie = await cookie_of(auth)
    for hours in (1, -1):  # due, and expired
        expiry = from_now(hours=hours)
        await execute(auth, f"""UPDATE session SET "expiresAt" = '{expiry}'""")
        active = await auth.get_session([cookie])
        assert (active is not None) == (hours > 0)
        assert active is None or active.session.expires_at == expiry
        assert await count(auth, "session") == 1


async def test_cookie_cache_is_believed_unless_it_is_disabled(sqlite_url: str) -> None:
    auth = make_auth(sqlite_url, session=CACHED)
    async with auth.lifespan():
        cookie = await cookie_of(auth)
        await execute(auth, "DELETE FROM session")
        assert await auth.get_session([cookie]) is not None
        assert await auth.get_session([cookie], disable_cookie_cache=True) is None
        with pytest.raises(InvalidToken, match="ended or expired"):
            await auth.bridge().authenticate(Presented((), [cookie[1]]))


async def test_caller_of_the_bridge_is_the_user_of_the_session(auth: BetterAuth) -> None:
    up = await sign_up(auth)
    of_cookie = await auth.bridge().authenticate(Presented((), [cookies(up)], [ORIGIN]))
    of_token = await auth.bridge().authenticate(Presented([f"Bearer {up.json()['token']}"]))
    assert of_cookie == of_token
    assert (of_cookie.id, of_cookie.email) == (up.json()["user"]["id"], "ada@example.com")
    assert of_cookie.session_id


async def test_cookie_of_a_page_that_is_not_trusted_is_refused(auth: BetterAuth) -> None:
    _, cookie = await cookie_of(auth)
    for authorization in ((), ["Basic YTpi"]):
        with pytest.raises(ForeignOrigin):
            await auth.bridge().authenticate(
                Presented(authorization, [cookie], ["https://evil.example"])
            )


async def test_bearer_token_counts_from_any_page(auth: BetterAuth) -> None:
    token = (await sign_up(auth)).json()["token"]
    credentials = Presented([f"Bearer {token}"], ["other=cookie"], ["https://evil.example"])
    assert (await auth.bridge().authenticate(credentials)).name == "Ada"


async def test_caller_without_credentials_is_told_to_sign_in(auth: BetterAuth) -> None:
    with pytest.raises(MissingToken, match="Sign in first"):
        await auth.bridge().authenticate(Presented(()))


async def test_store_that_is_away_is_503(auth: BetterAuth, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = await cookie_of(auth)

    async def away(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(DatabaseSessions, "find", away)
    with pytest.raises(Unavailable):
        await auth.bridge().authenticate(Presented((), [cookie[1]]))
    with pytest.raises(StoreUnavailable):
        await auth.get_session([cookie])


async def test_user_whom_a_node_server_banned_is_refused(sqlite_url: str) -> None:
    auth = make_auth(sqlite_url)
    async with auth.lifespan():
        await execute(auth, 'ALTER TABLE "user" ADD COLUMN banned INTEGER')
    async with auth.lifespan():
        cookie = await cookie_of(auth)
        await execute(auth, 'UPDATE "user" SET banned = 1')
        with pytest.raises(BannedUser):
            await auth.bridge().authenticate(Presented((), [cookie[1]]))
