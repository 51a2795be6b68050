"""Sessions begin, are listed and end by calls, and access tokens are issued."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from app import BetterAuth, Refusal, Session, User
from app.bridge import Verifier
from app.plugins.admin.options import AdminOptions
from app.settings.options import AdvancedOptions, IpAddressOptions, SessionOptions
from tests.server.embedding.api.opened import opened
from tests.support.asgi import Answer, call
from tests.support.audited import read_last
from tests.support.plugins import enabled
from tests.support.secret import STRONG_SECRET

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["database", "redis", "both"])
async def auth(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[BetterAuth]:
    """With the sessions in each of the places where they may be."""
    options = {}
    if request.param != "database":
        both = SessionOptions(store_session_in_database=request.param == "both")
        options = {"redis_url": request.getfixturevalue("redis_url"), "session": both}
    async with opened(database_url, **options) as made:
        yield made


@pytest.fixture
async def simple(sqlite_url: str) -> AsyncIterator[BetterAuth]:
    async with opened(sqlite_url) as made:
        yield made


async def create(auth: BetterAuth, email: str = "ada@example.com") -> User:
    return await auth.api.create_user(email=email, name="Ada", password="correct horse")


async def get_session(auth: BetterAuth, session: Session) -> Answer:
    bearer = [("authorization", f"Bearer {session.token}")]
    return await call(auth, "GET", "/api/auth/get-session", bearer)


async def test_a_session_begins_and_is_used(auth: BetterAuth) -> None:
    user = await create(auth)
    session = await auth.api.create_session(user.id, client_ip="203.0.113.7", user_agent="SAML")
    assert (session.user_id, session.ip_address) == (user.id, "203.0.113.7")
    assert session.token not in repr(session)
    assert (await get_session(auth, session)).json()["user"]["id"] == user.id
    (listed,) = await auth.api.list_user_sessions(user.id)
    assert (listed.id, listed.user_agent) == (session.id, "SAML")
    told = await read_last(auth.container.database)
    assert (told["event"], told["details"]) == ("signed_in", {"method": "application"})
    assert (told["ip_address"], told["user_agent"]) == ("203.0.113.7", "SAML")


async def test_one_session_ends_and_the_others_stay(auth: BetterAuth) -> None:
    user, other = await create(auth), await create(auth, "b@example.com")
    first, second = [await auth.api.create_session(user.id) for _ in range(2)]
    assert not await auth.api.revoke_user_session(other.id, first.id)
    assert await auth.api.revoke_user_session(user.id, first.id)
    assert not await auth.api.revoke_user_session(user.id, first.id)
    assert (await get_session(auth, first)).json() is None
    assert [each.id for each in await auth.api.list_user_sessions(user.id)] == [second.id]


async def test_all_sessions_of_one_user_end(auth: BetterAuth) -> None:
    user, other = await create(auth), await create(auth, "b@example.com")
    sessions = [await auth.api.create_session(user.id) for _ in range(3)]
    kept = await auth.api.create_session(other.id)
    assert await auth.api.revoke_user_sessions(user.id) == 3
    for session in sessions:
        assert (await get_session(auth, session)).json() is None
    assert (await get_session(auth, kept)).json() is not None
    told = await read_last(auth.container.database)
    assert (told["event"], told["actor"], told["details"]) == (
        "sessions_revoked",
        "application",
        {"count": 3},
    )


async def test_a_token_belongs_to_a_session(auth: BetterAuth) -> None:
    user = await create(auth)
    session = await auth.api.create_session(user.id)
    token = await auth.api.issue_token(user.id, session_id=session.id)
    claims = Verifier(STRONG_SECRET, issuer=auth.settings.origin).verify(token)
    assert (claims.id, claims.session_id, claims.email) == (user.id, session.id, user.email)
    with pytest.raises(Refusal) as raised:
        await auth.api.issue_token(user.id, session_id="unknown")
    assert (raised.value.code, raised.value.status) == ("SESSION_NOT_FOUND", 404)


async def test_a_token_without_a_session_begins_one_that_lives_as_long(auth: BetterAuth) -> None:
    user = await create(auth)
    token = await auth.api.issue_token(user.id)
    claims = Verifier(STRONG_SECRET, issuer=auth.settings.origin).verify(token)
    (session,) = await auth.api.list_user_sessions(user.id)
    assert claims.session_id == session.id
    lifetime = int(str(claims["exp"])) - int(str(claims["iat"]))
    assert 0 <= lifetime - (to_seconds(session.expires_at) - to_seconds(session.created_at)) <= 1


async def test_cookies_sign_a_browser_in(simple: BetterAuth) -> None:
    user = await create(simple)
    session = await simple.api.create_session(user.id)
    headers = await simple.api.make_session_headers(session)
    cookies = [value for name, value in headers if name == "set-cookie"]
    cookie = "; ".join(value.partition(";")[0] for value in cookies)
    answer = await call(simple, "GET", "/api/auth/get-session", [("cookie", cookie)])
    assert answer.json()["session"]["id"] == session.id


async def test_no_address_is_stored_where_none_is_tracked(sqlite_url: str) -> None:
    ip_address = IpAddressOptions(disable_ip_tracking=True)
    async with opened(sqlite_url, advanced=AdvancedOptions(ip_address=ip_address)) as auth:
        user = await create(auth)
        session = await auth.api.create_session(user.id, client_ip="203.0.113.7")
    assert session.ip_address == ""


async def test_hooks_refuse_a_session_and_nothing_stays(simple: BetterAuth) -> None:
    async def fail(_session: Session, _user: User, _tx: object) -> None:
        raise RuntimeError("the hook fails")

    user = await create(simple)
    simple.container.hooks.session_added.append(fail)
    with pytest.raises(RuntimeError, match="the hook fails"):
        await simple.api.create_session(user.id)
    assert await simple.api.list_user_sessions(user.id) == []


@pytest.mark.parametrize("has_plugin", [False, True])
async def test_who_is_banned_gets_neither_session_nor_token(
    sqlite_url: str, *, has_plugin: bool
) -> None:
    on = enabled(AdminOptions()) if has_plugin else ()
    async with opened(sqlite_url, plugins=on) as auth:
        user = await create(auth)
        session = await auth.api.create_session(user.id)
        await auth.api.ban_user(user.id)
        code = "BANNED_USER" if has_plugin else "USER_DISABLED"
        for refused in (auth.api.create_session(user.id), auth.api.issue_token(user.id)):
            with pytest.raises(Refusal) as raised:
                await refused
            assert (raised.value.code, raised.value.status) == (code, 403)
        with pytest.raises(Refusal) as raised:
            await auth.api.issue_token(user.id, session_id=session.id)
        assert raised.value.code == "SESSION_NOT_FOUND"


def to_seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()
