"""The challenge stands between the password and the session: what an attacker may try."""

import pytest
from sqlalchemy import text

from app.auth.crypto.signatures import Signatures
from app.bridge.encodings import encode_uri_component
from app.settings.options import CookieCacheOptions, SessionOptions
from app.storage.redis import RedisStorage
from tests.auth.passwords.test_hashes import SCRYPT
from tests.plugins.two_factor.person import Person, code_of, guarded
from tests.support.service import PASSWORD
from tests.support.tables import accounts, sessions

pytestmark = pytest.mark.anyio

INVALID_COOKIE = (401, "INVALID_TWO_FACTOR_COOKIE")
INVALID_CODE = (401, "INVALID_CODE")
COOKIE = "better-auth.two_factor"


async def test_no_session_exists_before_the_code(database_url: str) -> None:
    async with guarded(database_url) as ada:
        answer = await ada.sign_in()
        assert answer.json() == {"twoFactorRedirect": True, "twoFactorMethods": ["totp"]}
        assert not ada.is_signed_in()
        assert await ada.service.rows(sessions) == []
        done = await ada.post("/two-factor/verify-totp", code=ada.code())
        assert done.status == 200
        assert ada.is_signed_in()
        assert COOKIE not in ada.cookies
        assert (await ada.get_session())["user"]["twoFactorEnabled"] is True


async def test_no_session_is_cached_before_the_code(sqlite_url: str) -> None:
    """GHSA-xg6x-h9c9-2m83: a cache cookie was written before the second factor."""
    cache = SessionOptions(cookie_cache=CookieCacheOptions(enabled=True))
    async with guarded(sqlite_url, session=cache) as ada:
        answer = await ada.sign_in()
        values = [line.partition(";")[0] for line in answer.header_list("set-cookie")]
        assert "better-auth.session_data=" in values
        assert answer.header("set-auth-token") is None
        assert await ada.get_session() is None


async def test_wrong_password_gets_no_challenge(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        answer = await ada.sign_in(password="wrong password")
        assert code_of(answer) == (401, "INVALID_EMAIL_OR_PASSWORD")
        assert COOKIE not in ada.cookies


async def test_solved_challenge_is_over(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await ada.sign_in()
        eve = ada.at(ada.service)
        await ada.post("/two-factor/verify-totp", code=ada.code())
        assert code_of(await eve.post("/two-factor/verify-totp", code=ada.code(1))) == (
            INVALID_COOKIE
        )
        backup = await eve.post("/two-factor/verify-backup-code", code=ada.backup_codes[0])
        assert code_of(backup) == INVALID_COOKIE
        assert len(await ada.service.rows(sessions)) == 1


async def test_challenge_of_another_user_is_no_use(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        eve = Person(ada.service, "eve@example.com")
        await eve.sign_up()
        await eve.enable()
        await eve.post("/sign-out")
        await eve.sign_in()
        await ada.sign_in()
        theirs = ada.at(ada.service)
        theirs.secret = eve.secret
        answer = await theirs.post("/two-factor/verify-totp", code=theirs.code())
        assert code_of(answer) == INVALID_CODE
        backup = await theirs.post("/two-factor/verify-backup-code", code=eve.backup_codes[0])
        assert code_of(backup) == (401, "INVALID_BACKUP_CODE")


@pytest.mark.parametrize("value", ["2fa-x", "2fa-x.signature", "", "trust-device-x"])
async def test_cookie_without_our_signature_is_none(sqlite_url: str, value: str) -> None:
    async with guarded(sqlite_url) as ada:
        ada.cookies[COOKIE] = value
        assert code_of(await ada.post("/two-factor/verify-totp", code="1")) == INVALID_COOKIE
        assert code_of(await ada.post("/two-factor/verify-otp", code="1")) == INVALID_COOKIE


async def test_session_cookie_is_no_challenge(sqlite_url: str) -> None:
    """Both are signed with the same secret."""
    async with guarded(sqlite_url) as ada:
        await ada.sign_in()
        await ada.post("/two-factor/verify-totp", code=ada.code())
        eve = ada.other_browser()
        eve.cookies[COOKIE] = ada.cookies["better-auth.session_token"]
        assert code_of(await eve.post("/two-factor/verify-totp", code=ada.code(1))) == (
            INVALID_COOKIE
        )


async def test_five_wrong_codes_end_the_challenge(database_url: str) -> None:
    async with guarded(database_url) as ada:
        await ada.sign_in()
        for path in ("totp", "backup-code", "totp", "backup-code", "totp"):
            assert (await ada.post(f"/two-factor/verify-{path}", code="x")).status == 401
        kept = ada.cookies[COOKIE]
        answer = await ada.post("/two-factor/verify-totp", code=ada.code())
        assert code_of(answer) == (400, "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE")
        ada.cookies[COOKIE] = kept
        assert code_of(await ada.post("/two-factor/verify-totp", code=ada.code())) == (
            INVALID_COOKIE
        )
        assert not ada.is_signed_in()


async def test_challenge_expires(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await ada.sign_in()
        past = "UPDATE verification SET \"expiresAt\" = '2026-01-01T00:00:00.000Z'"
        await ada.service.execute(past)
        assert code_of(await ada.post("/two-factor/verify-totp", code=ada.code())) == (
            INVALID_COOKIE
        )


async def test_new_password_ends_the_challenges_of_the_old_one(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await ada.sign_in()
        await ada.post("/two-factor/verify-totp", code=ada.code())
        eve = ada.other_browser()
        await eve.sign_in()  # she knows the password
        changed = await ada.post(
            "/change-password", currentPassword=PASSWORD, newPassword="another horse"
        )
        assert changed.status == 200
        answer = await eve.post("/two-factor/verify-backup-code", code=ada.backup_codes[0])
        assert code_of(answer) == INVALID_COOKIE


async def test_better_hash_is_stored_before_the_challenge(sqlite_url: str) -> None:
    """Or the challenge would be tied to the one that has gone."""
    async with guarded(sqlite_url) as ada:
        await ada.service.alter(accounts, password=SCRYPT)
        await ada.sign_in(password="password1")
        (account,) = await ada.service.rows(accounts)
        assert account["password"].startswith("$argon2id$")
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200


async def test_challenge_of_a_node_server_is_taken(sqlite_url: str) -> None:
    """It is not tied to a password: its name is shorter."""
    async with guarded(sqlite_url) as ada:
        await ada.sign_in()
        (named,) = await ada.service.database.read_all(
            text("SELECT identifier FROM verification WHERE identifier LIKE '2fa-%.%' LIMIT 1")
        )
        short = named[0].removeprefix("2fa-attempts-").partition(".")[0]
        for prefix in ("", "2fa-attempts-"):
            await ada.service.execute(
                "UPDATE verification SET identifier = :new WHERE identifier LIKE :old",
                new=prefix + short,
                old=f"{prefix}{short}.%",
            )
        signed = Signatures(ada.service.settings).sign(short)
        ada.cookies[COOKIE] = encode_uri_component(signed)
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200


async def test_user_who_is_deleted_meanwhile_gets_no_session(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await ada.sign_in()
        await ada.service.execute('DELETE FROM "user"')
        assert code_of(await ada.post("/two-factor/verify-totp", code=ada.code())) == (
            INVALID_COOKIE
        )


async def test_factor_that_is_disabled_meanwhile_completes_nothing(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await ada.sign_in()
        await ada.service.execute('DELETE FROM "twoFactor"')
        assert code_of(await ada.post("/two-factor/verify-totp", code=ada.code())) == (
            400,
            "TOTP_NOT_ENABLED",
        )
        backup = await ada.post("/two-factor/verify-backup-code", code=ada.backup_codes[0])
        assert code_of(backup) == (400, "BACKUP_CODES_NOT_ENABLED")


async def test_cookies_live_as_the_sign_in_asked_for(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await ada.sign_in(rememberMe=False)
        answer = await ada.post("/two-factor/verify-totp", code=ada.code())
        (line,) = [each for each in answer.header_list("set-cookie") if "session_token" in each]
        assert "Max-Age" not in line


async def test_secondary_storage_keeps_challenges(sqlite_url: str, storage: RedisStorage) -> None:
    async with guarded(sqlite_url, storage=storage) as ada:
        await ada.sign_in()
        for _ in range(4):
            assert code_of(await ada.post("/two-factor/verify-totp", code="x")) == INVALID_CODE
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200
        await ada.post("/sign-out")
        await ada.sign_in()
        for _ in range(5):
            await ada.post("/two-factor/verify-totp", code="x")
        assert code_of(await ada.post("/two-factor/verify-totp", code=ada.code(1))) == (
            400,
            "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE",
        )
