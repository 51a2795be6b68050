"""Too many wrong codes in a row lock an account, whatever the challenge."""

import pytest
from sqlalchemy import text

from app.plugins.two_factor.options import AccountLockoutOptions, TwoFactorOptions
from tests.plugins.two_factor.person import LONG, Person, code_in, code_of, guarded
from tests.support.smtp import Outgoing

pytestmark = pytest.mark.anyio

LOCKED = (429, "ACCOUNT_TEMPORARILY_LOCKED")
INVALID_CODE = (401, "INVALID_CODE")
STRICT = TwoFactorOptions(
    totp_options=LONG, account_lockout=AccountLockoutOptions(max_failed_attempts=3)
)
COUNT = text('SELECT "failedVerificationCount", "lockedUntil" FROM "twoFactor"')


async def guess(ada: Person, times: int) -> None:
    """Wrong codes, each in a challenge of its own."""
    for _ in range(times):
        eve = ada.other_browser()
        await eve.sign_in()
        assert code_of(await eve.post("/two-factor/verify-totp", code="x")) == INVALID_CODE


async def test_right_code_is_refused_while_the_account_is_locked(database_url: str) -> None:
    outbox = Outgoing()
    async with guarded(database_url, STRICT, mailer=outbox) as ada:
        await guess(ada, 3)
        await ada.sign_in()
        assert code_of(await ada.post("/two-factor/verify-totp", code=ada.code())) == LOCKED
        backup = await ada.post("/two-factor/verify-backup-code", code=ada.backup_codes[0])
        assert code_of(backup) == LOCKED
        await ada.post("/two-factor/send-otp")
        mailed = await ada.post("/two-factor/verify-otp", code=code_in(outbox))
        assert code_of(mailed) == LOCKED
        assert not ada.is_signed_in()


async def test_lock_ends_and_the_count_starts_again(database_url: str) -> None:
    async with guarded(database_url, STRICT) as ada:
        await guess(ada, 3)
        await ada.service.execute(
            """UPDATE "twoFactor" SET "lockedUntil" = '2026-01-01T00:00:00.000Z'"""
        )
        await guess(ada, 2)
        await ada.sign_in()
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200
        assert await ada.service.database.read_all(COUNT) == [(0, None)]


async def test_right_code_clears_the_count(sqlite_url: str) -> None:
    async with guarded(sqlite_url, STRICT) as ada:
        await guess(ada, 2)
        await ada.sign_in()
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200
        await ada.post("/sign-out")
        await guess(ada, 2)
        await ada.sign_in()
        assert (await ada.post("/two-factor/verify-totp", code=ada.code(1))).status == 200


async def test_row_without_a_count_is_counted(sqlite_url: str) -> None:
    async with guarded(sqlite_url, STRICT) as ada:
        await ada.service.execute('UPDATE "twoFactor" SET "failedVerificationCount" = NULL')
        await guess(ada, 1)
        assert (await ada.service.database.read_all(COUNT))[0][0] == 1


async def test_nothing_is_locked_where_that_is_off(sqlite_url: str) -> None:
    options = TwoFactorOptions(
        totp_options=LONG,
        account_lockout=AccountLockoutOptions(enabled=False, max_failed_attempts=1),
    )
    async with guarded(sqlite_url, options) as ada:
        await guess(ada, 3)
        await ada.sign_in()
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200
