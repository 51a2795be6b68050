"""Codes of an app, by mail and backup codes: each works once, and where it may."""

import re

import pytest
from msgspec import json
from sqlalchemy import text

from app.auth.crypto.encryption import Cipher
from app.plugins.two_factor.options import (
    BackupCodeOptions,
    OtpOptions,
    TotpOptions,
    TwoFactorOptions,
)
from app.plugins.two_factor.plugin import PLUGIN
from app.settings.options import VersionedSecret
from tests.plugins.two_factor.person import LONG, Person, code_in, code_of, guarded
from tests.support.plugins import plugged
from tests.support.service import PASSWORD, SECRET
from tests.support.smtp import Outgoing
from tests.support.tables import sessions

pytestmark = pytest.mark.anyio

INVALID_CODE = (401, "INVALID_CODE")
FACTOR = text('SELECT secret, "backupCodes" FROM "twoFactor"')
STORED = text("SELECT value FROM verification WHERE identifier LIKE '2fa-otp-%'")


async def test_code_of_an_app_is_good_once(database_url: str) -> None:
    async with guarded(database_url) as ada:
        await ada.sign_in()
        assert code_of(await ada.post("/two-factor/verify-totp", code=ada.code(-1))) == (
            INVALID_CODE  # enabling has used it
        )
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200
        assert code_of(await ada.post("/two-factor/verify-totp", code=ada.code())) == INVALID_CODE
        await ada.post("/sign-out")
        await ada.sign_in()
        assert code_of(await ada.post("/two-factor/verify-totp", code=ada.code())) == INVALID_CODE
        assert not ada.is_signed_in()
        assert (await ada.post("/two-factor/verify-totp", code=ada.code(1))).status == 200


async def test_older_code_is_not_good_after_a_newer_one(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await ada.sign_in()
        await ada.post("/two-factor/verify-totp", code=ada.code(1))
        assert code_of(await ada.post("/two-factor/verify-totp", code=ada.code())) == INVALID_CODE


async def test_new_secret_starts_with_its_own_codes(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await ada.sign_in()
        await ada.post("/two-factor/verify-totp", code=ada.code(1))
        assert (await ada.post("/two-factor/disable", password=PASSWORD)).status == 200
        await ada.enable()
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200


async def test_backup_code_is_good_once(database_url: str) -> None:
    async with guarded(database_url) as ada:
        for code in ada.backup_codes[:2]:
            await ada.sign_in()
            assert (await ada.post("/two-factor/verify-backup-code", code=code)).status == 200
            assert code_of(await ada.post("/two-factor/verify-backup-code", code=code)) == (
                401,
                "INVALID_BACKUP_CODE",
            )
            await ada.post("/sign-out")
        await ada.sign_in()
        again = await ada.post("/two-factor/verify-backup-code", code=ada.backup_codes[0])
        assert code_of(again) == (401, "INVALID_BACKUP_CODE")


async def test_new_backup_codes_replace_the_old_ones(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await ada.sign_in()
        await ada.post("/two-factor/verify-totp", code=ada.code())
        made = await ada.post("/two-factor/generate-backup-codes", password=PASSWORD)
        new = made.json()["backupCodes"]
        old = await ada.post("/two-factor/verify-backup-code", code=ada.backup_codes[0])
        assert old.status == 401
        assert (await ada.post("/two-factor/verify-backup-code", code=new[0])).status == 200


async def test_backup_code_without_a_session_spends_the_code_alone(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        await ada.sign_in()
        answer = await ada.post(
            "/two-factor/verify-backup-code", code=ada.backup_codes[0], disableSession=True
        )
        assert list(answer.json()) == ["user"]
        assert not ada.is_signed_in()
        assert code_of(await ada.post("/two-factor/verify-totp", code=ada.code())) == (
            401,
            "INVALID_TWO_FACTOR_COOKIE",
        )


async def test_secret_and_backup_codes_are_encrypted_at_rest(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        ((secret, codes),) = await ada.service.database.read_all(FACTOR)
        cipher = Cipher(ada.service.settings)
        assert len(cipher.decrypt(secret)) == 32
        assert json.decode(cipher.decrypt(codes)) == ada.backup_codes
        assert re.fullmatch(r"[A-Za-z0-9]{5}-[A-Za-z0-9]{5}", ada.backup_codes[0])


async def test_new_version_of_the_secret_reads_what_the_old_one_wrote(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        new = "another-secret-of-the-service-1234567890"
        versions = (VersionedSecret(2, new), VersionedSecret(None, SECRET))
        rotated = {"secret": new, "secrets": versions}
        async with plugged(
            sqlite_url, PLUGIN, TwoFactorOptions(totp_options=LONG), **rotated
        ) as service:
            later = ada.at(service)
            await later.sign_in()
            used = await later.post("/two-factor/verify-backup-code", code=ada.backup_codes[0])
            assert used.status == 200
            ((_, codes),) = await service.database.read_all(FACTOR)
            assert codes.startswith("$ba$2$")


async def test_factor_of_an_unknown_secret_is_named_in_the_log(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with guarded(sqlite_url) as ada:
        await ada.service.execute('UPDATE "twoFactor" SET secret = :s, "backupCodes" = :s', s="00")
        await ada.sign_in()
        for path in ("totp", "backup-code"):
            answer = await ada.post(f"/two-factor/verify-{path}", code="x")
            assert code_of(answer) == (500, "SECOND_FACTOR_UNREADABLE")
        assert "it was encrypted with another secret" in caplog.text


async def test_plain_backup_codes_are_kept_as_a_list(sqlite_url: str) -> None:
    options = TwoFactorOptions(
        totp_options=LONG,
        backup_code_options=BackupCodeOptions(store_backup_codes="plain", amount=2, length=8),
    )
    async with guarded(sqlite_url, options) as ada:
        ((_, codes),) = await ada.service.database.read_all(FACTOR)
        assert json.decode(codes) == ada.backup_codes
        assert [len(code) for code in ada.backup_codes] == [9, 9]


@pytest.mark.parametrize(
    ("kind", "stored"),
    [("plain", r"\d{6}:0"), ("hashed", r"[\w-]{43}:0"), ("encrypted", r"[0-9a-f]{92}:0")],
)
async def test_mailed_code_is_stored_as_the_option_says(
    sqlite_url: str, kind: str, stored: str
) -> None:
    outbox = Outgoing()
    options = TwoFactorOptions(otp_options=OtpOptions(store_otp=kind))  # type: ignore[arg-type]  # one of three
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox) as service:
        ada = Person(service)
        await ada.sign_up()
        await ada.post("/two-factor/send-otp")
        ((value,),) = await service.database.read_all(STORED)
        assert re.fullmatch(stored, value)
        done = await ada.post("/two-factor/verify-otp", code=code_in(outbox))
        assert done.json()["user"]["twoFactorEnabled"] is True
        assert "for 3 minutes" in outbox.messages[-1].text


async def test_mailed_code_is_good_once_and_for_its_challenge(sqlite_url: str) -> None:
    outbox = Outgoing()
    async with guarded(sqlite_url, mailer=outbox) as ada:
        answer = await ada.sign_in()
        assert answer.json()["twoFactorMethods"] == ["totp", "otp"]
        await ada.post("/two-factor/send-otp")
        eve = ada.other_browser()
        await eve.sign_in()
        code = code_in(outbox)
        other = await eve.post("/two-factor/verify-otp", code=code)
        assert code_of(other) == (400, "OTP_HAS_EXPIRED")
        again = ada.at(ada.service)
        assert (await ada.post("/two-factor/verify-otp", code=code)).status == 200
        assert code_of(await again.post("/two-factor/verify-otp", code=code)) == (
            401,
            "INVALID_TWO_FACTOR_COOKIE",
        )


async def test_mailed_code_ends_after_wrong_ones(sqlite_url: str) -> None:
    outbox = Outgoing()
    options = TwoFactorOptions(otp_options=OtpOptions(allowed_attempts=2), totp_options=LONG)
    async with guarded(sqlite_url, options, mailer=outbox) as ada:
        await ada.sign_in()
        await ada.post("/two-factor/send-otp")
        right = code_in(outbox)
        for _ in range(2):
            assert code_of(await ada.post("/two-factor/verify-otp", code="x")) == INVALID_CODE
        assert code_of(await ada.post("/two-factor/verify-otp", code=right)) == (
            400,
            "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE",
        )
        assert code_of(await ada.post("/two-factor/verify-otp", code=right)) == (
            400,
            "OTP_HAS_EXPIRED",
        )
        await ada.post("/two-factor/send-otp")
        assert (await ada.post("/two-factor/verify-otp", code=code_in(outbox))).status == 200


async def test_only_the_latest_mailed_code_is_right(sqlite_url: str) -> None:
    outbox = Outgoing()
    async with guarded(sqlite_url, mailer=outbox) as ada:
        await ada.sign_in()
        await ada.post("/two-factor/send-otp")
        first = code_in(outbox)
        await ada.post("/two-factor/send-otp")
        if first != code_in(outbox):
            assert code_of(await ada.post("/two-factor/verify-otp", code=first)) == INVALID_CODE
        assert (await ada.post("/two-factor/verify-otp", code=code_in(outbox))).status == 200


async def test_user_without_a_password_may_where_the_option_says_so(sqlite_url: str) -> None:
    options = TwoFactorOptions(
        allow_passwordless=True, totp_options=TotpOptions(allow_passwordless=False)
    )
    async with plugged(sqlite_url, PLUGIN, options) as service:
        ada = Person(service)
        await ada.sign_up()
        assert code_of(await ada.post("/two-factor/enable")) == (400, "INVALID_PASSWORD")
        await service.execute("UPDATE account SET password = NULL")
        assert (await ada.post("/two-factor/enable")).status == 200
        assert code_of(await ada.post("/two-factor/get-totp-uri")) == (400, "VALIDATION_ERROR")


async def test_field_cannot_be_written_by_the_user(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, TwoFactorOptions()) as service:
        answer = await service.sign_up(twoFactorEnabled=True)
        assert answer.json()["user"]["twoFactorEnabled"] is False
        ada = Person(service)
        await ada.sign_in()
        changed = await ada.post("/update-user", twoFactorEnabled=True)
        assert code_of(changed) == (400, "FIELD_NOT_ALLOWED")


async def test_new_session_has_what_the_old_one_had(sqlite_url: str) -> None:
    """Its client, as the original hands it on; the old one is over."""
    async with plugged(sqlite_url, PLUGIN, TwoFactorOptions(totp_options=LONG)) as service:
        ada = Person(service)
        await ada.sign_up()
        before = (await ada.get_session())["session"]
        await ada.enable()
        after = (await ada.get_session())["session"]
        assert before["token"] != after["token"]
        same = ("ipAddress", "userAgent", "userId")
        assert [before[name] for name in same] == [after[name] for name in same]
        (row,) = await service.rows(sessions)
        assert row["token"] == after["token"]
