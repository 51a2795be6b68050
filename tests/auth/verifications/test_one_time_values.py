"""A mailed link is spent with what it pays for: what fails on this side leaves it good."""

from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest

from app.auth.delete_user.removal import Removal
from app.auth.errors import HashingOverloaded
from app.auth.passwords.hashing import Passwords
from app.auth.passwords.password_accounts import PasswordAccounts
from app.auth.sessions.database_store import DatabaseSessions
from app.auth.sessions.secondary_store import StorageSessions
from app.models.errors import StoreUnavailable
from app.settings.options import (
    DeleteUserOptions,
    EmailAndPasswordOptions,
    UserOptions,
    VerificationOptions,
)
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.asgi import Answer
from tests.support.service import EMAIL, PASSWORD, Service, bearer, browser, serve
from tests.support.smtp import Outgoing
from tests.support.tables import sessions, users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

NEW: Final = "a new password"
ENDS_SESSIONS: Final = EmailAndPasswordOptions(revoke_sessions_on_password_reset=True)
MAILS: Final = UserOptions(
    delete_user=DeleteUserOptions(enabled=True, send_delete_account_verification=True)
)


@pytest.fixture
def outgoing() -> Outgoing:
    return Outgoing()


@pytest.fixture(params=["database", "redis", "both"])
async def service(
    database: Database, storage: RedisStorage, outgoing: Outgoing, request: pytest.FixtureRequest
) -> Service:
    """Verification values and sessions are kept in each of the places there are."""
    return await serve(
        database,
        mailer=outgoing,
        storage=None if request.param == "database" else storage,
        verification=VerificationOptions(store_in_database=request.param == "both"),
        email_and_password=ENDS_SESSIONS,
        user=MAILS,
    )


async def reset(service: Service, token: str) -> Answer:
    return await service.post("/reset-password", {"newPassword": NEW, "token": token})


async def reset_token(service: Service, outgoing: Outgoing) -> str:
    await service.post("/request-password-reset", {"email": EMAIL})
    return urlsplit(outgoing.link()).path.rpartition("/")[2]


async def overloaded(*_: object) -> str:
    raise HashingOverloaded


async def away(*_: object, **__: object) -> bool:
    raise StoreUnavailable


@pytest.mark.engines("sqlite", "postgres")
async def test_full_hash_queue_leaves_a_reset_token_good(
    service: Service, outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.sign_up()
    token = await reset_token(service, outgoing)
    with monkeypatch.context() as busy:
        busy.setattr(Passwords, "hash", overloaded)
        assert (await reset(service, token)).status == 503
    assert (await reset(service, token)).status == 200
    assert (await service.sign_in(password=NEW)).status == 200


async def is_signed_in(service: Service, token: str) -> bool:
    """Those in Redis end before the database is written, whatever comes of it."""
    found = (await service.get("/get-session", bearer(token))).json()
    return found is not None or await service.rows(sessions) == []


@pytest.mark.parametrize("step", ["overwrite", "end_all"])
async def test_store_that_fails_leaves_a_reset_token_and_the_account_as_they_were(
    service: Service, outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ada = (await service.sign_up()).json()["token"]
    token = await reset_token(service, outgoing)
    with monkeypatch.context() as failing:
        if step == "end_all":
            failing.setattr(DatabaseSessions, "end_rows", away)
            failing.setattr(StorageSessions, "end_secondary", away)
        else:
            failing.setattr(PasswordAccounts, "overwrite", away)
        assert (await reset(service, token)).status == 503
    assert (await service.sign_in()).status == 200
    assert await is_signed_in(service, ada)
    assert (await reset(service, token)).status == 200
    assert (await service.get("/get-session", bearer(ada))).json() is None


@pytest.mark.parametrize("way", ["link", "body"])
async def test_store_that_fails_leaves_a_deletion_token_and_the_account_as_they_were(
    service: Service, outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    signed_up = await service.sign_up()
    await service.post("/delete-user", {"password": PASSWORD}, browser(signed_up))
    token = parse_qs(urlsplit(outgoing.link()).query)["token"][0]

    async def use(signed_in: Answer) -> Answer:
        if way == "body":
            return await service.post("/delete-user", {"token": token}, browser(signed_in))
        return await service.get(f"/delete-user/callback?token={token}", browser(signed_in))

    with monkeypatch.context() as failing:
        failing.setattr(Removal, "remove_in", away)
        assert (await use(signed_up)).status == 503
    assert await is_signed_in(service, signed_up.json()["token"])
    assert (await use(await service.sign_in())).status == 200
    assert await service.rows(users) == []
