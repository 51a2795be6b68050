"""Tokens and the sessions that they came from."""

from collections.abc import AsyncIterator

import pytest

from app.bridge import InvalidToken, MissingToken, Presented, Unavailable, User, Verifier
from app.bridge.errors import BannedUser
from app.bridge.session_check import SessionCheck
from app.bridge.session_table import SessionTable
from tests.support.service import SECRET, Service, bearer, from_now, serving
from tests.support.tables import sessions

from .minting import good_claims, mint

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with serving(database_url) as opened:
        yield opened


@pytest.fixture
async def live(service: Service, database_url: str) -> AsyncIterator[SessionCheck]:
    table = SessionTable(database_url)
    yield SessionCheck(Verifier(SECRET), table)
    await table.close()


async def signed_up(service: Service, email: str = "ada@example.com") -> tuple[str, str]:
    """A session token and an access token."""
    session = (await service.sign_up(email)).json()["token"]
    return session, (await service.get("/token", bearer(session))).json()["token"]


async def authenticated(live: SessionCheck, token: str) -> User:
    return await live.authenticate(Presented([f"Bearer {token}"]))


async def test_token_counts_until_its_session_ends(service: Service, live: SessionCheck) -> None:
    session, token = await signed_up(service)
    assert (await authenticated(live, token)).email == "ada@example.com"
    await service.post("/sign-out", {}, bearer(session))
    with pytest.raises(InvalidToken, match="ended or expired"):
        await authenticated(live, token)


async def test_session_that_another_device_revoked(service: Service, live: SessionCheck) -> None:
    _, token = await signed_up(service)
    other = (await service.sign_in()).json()["token"]
    await service.post("/revoke-other-sessions", {}, bearer(other))
    with pytest.raises(InvalidToken, match="ended or expired"):
        await authenticated(live, token)


async def test_expired_session(service: Service, live: SessionCheck) -> None:
    _, token = await signed_up(service)
    await service.alter(sessions, expiresAt=from_now(seconds=-1))
    with pytest.raises(InvalidToken, match="ended or expired"):
        await authenticated(live, token)


async def test_token_without_a_session_is_refused(service: Service, live: SessionCheck) -> None:
    await signed_up(service)
    for claims in (good_claims(sid=...), good_claims(sid=7), good_claims(sid=["a"])):
        with pytest.raises(InvalidToken, match="no sid"):
            await authenticated(live, mint(claims, secret=SECRET))


async def test_session_of_somebody_else_is_refused(service: Service, live: SessionCheck) -> None:
    await signed_up(service)
    (row,) = await service.rows(sessions)
    token = mint(good_claims(sid=row["id"], sub="somebody else"), secret=SECRET)
    with pytest.raises(InvalidToken, match="ended or expired"):
        await authenticated(live, token)


@pytest.mark.engines("sqlite", "postgres")
async def test_user_who_was_banned_meanwhile(service: Service, live: SessionCheck) -> None:
    _, token = await signed_up(service)
    await service.execute('ALTER TABLE "user" ADD COLUMN "banned" BOOLEAN')
    await service.execute('UPDATE "user" SET "banned" = TRUE')
    with pytest.raises(BannedUser):
        await authenticated(live, token)


async def test_bad_token_asks_no_table() -> None:
    live = SessionCheck(Verifier(SECRET), SessionTable("sqlite:////nowhere/auth.db"))
    with pytest.raises(InvalidToken):
        await authenticated(live, mint())
    with pytest.raises(MissingToken):
        await live.authenticate(Presented([]))


async def test_database_that_is_away_is_unavailable() -> None:
    live = SessionCheck(Verifier(SECRET), SessionTable("sqlite:////nowhere/auth.db"))
    with pytest.raises(Unavailable):
        await authenticated(live, mint(secret=SECRET))
