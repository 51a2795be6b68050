"""A trusted device needs no code: for its user, while the stored trust is the same."""

import pytest

from tests.plugins.two_factor.person import Person, guarded
from tests.support.service import PASSWORD

pytestmark = pytest.mark.anyio

COOKIE = "better-auth.trust_device"


async def trust(ada: Person, ahead: int = 0) -> None:
    await ada.sign_in()
    answer = await ada.post("/two-factor/verify-totp", code=ada.code(ahead), trustDevice=True)
    assert answer.status == 200
    await ada.post("/sign-out")


async def is_asked(ada: Person) -> bool:
    answer = await ada.sign_in()
    return answer.json().get("twoFactorRedirect") is True


async def test_trusted_device_is_not_asked_and_gets_a_new_cookie(database_url: str) -> None:
    async with guarded(database_url) as ada:
        await trust(ada)
        before = ada.cookies[COOKIE]
        assert not await is_asked(ada)
        assert ada.cookies[COOKIE] != before
        await ada.post("/sign-out")
        assert not await is_asked(ada)


async def test_used_cookie_is_void(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await trust(ada)
        copied = ada.at(ada.service)
        assert not await is_asked(ada)
        assert await is_asked(copied)
        assert COOKIE not in copied.cookies


async def test_other_browser_is_asked(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await trust(ada)
        assert await is_asked(ada.other_browser())


async def test_cookie_of_another_user_trusts_nobody(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        eve = Person(ada.service, "eve@example.com")
        await eve.sign_up()
        await eve.enable()
        await eve.post("/sign-out")
        await trust(eve)
        ada.cookies[COOKIE] = eve.cookies[COOKIE]
        assert await is_asked(ada)
        assert not await is_asked(eve)  # hers is still good


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM verification WHERE identifier LIKE 'trust-device-%'",
        "UPDATE verification SET value = 'other' WHERE identifier LIKE 'trust-device-%'",
        "UPDATE verification SET \"expiresAt\" = '2026-01-01T00:00:00.000Z'",
    ],
)
async def test_stored_trust_that_changed_trusts_nobody(sqlite_url: str, change: str) -> None:
    async with guarded(sqlite_url) as ada:
        await trust(ada)
        await ada.service.execute(change)
        assert await is_asked(ada)
        assert COOKIE not in ada.cookies


async def test_wrong_password_does_not_use_up_the_trust(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await trust(ada)
        assert (await ada.sign_in(password="wrong password")).status == 401
        assert not await is_asked(ada)


async def test_disabling_ends_the_trust(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await trust(ada)
        kept = ada.cookies[COOKIE]
        await ada.sign_in()
        kept = ada.cookies[COOKIE]
        await ada.post("/two-factor/disable", password=PASSWORD)
        assert COOKIE not in ada.cookies
        await ada.enable()
        await ada.post("/sign-out")
        ada.cookies[COOKIE] = kept
        assert await is_asked(ada)
