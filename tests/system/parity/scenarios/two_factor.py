"""The plugin `two-factor`: enabling, the challenge of a sign-in, each kind of code, devices.

A code of an app is good once here, so each is of another time step. Steps last a day, so that none
ends while a scenario runs.
"""

import time

from app.plugins.two_factor.totp import CodeGenerator

from ..http import Answer
from ..scenario import scenario
from ..side import PASSWORD, Caller, Side, query_of

_DAY = 86400
APP = {"plugins": ["two-factor"], "twoFactor.totpOptions.period": _DAY}
MAILED = {**APP, "twoFactor.otpOptions.sendOTP": True}


def code(enabled: Answer, *, ahead: int = 0, digits: int = 6) -> str:
    """The code that an app shows which scanned the URI, some time steps later."""
    secret = query_of(enabled.json["totpURI"], "secret")
    totp = CodeGenerator(secret, digits=digits)
    return totp.generate_otp(int(time.time()) // _DAY + ahead)


async def enable(ada: Caller, **fields: object) -> Answer:
    """Enable an app, and show its first code."""
    answer = await ada.post("/two-factor/enable", {"password": PASSWORD, **fields})
    await ada.post("/two-factor/verify-totp", {"code": code(answer, ahead=-1)})
    return answer


@scenario(MAILED, postgres=True)
async def app_enabled_and_used(s: Side) -> None:
    email = "app@example.com"
    ada = await s.signed_up(email)
    bodies: list[object] = [
        {},
        {"password": 1, "method": "sms", "issuer": 2},
        {"password": ""},
        b"",
        [],
    ]
    for body in bodies:
        await ada.post("/two-factor/enable", body)
    await ada.post("/two-factor/enable", {"password": "wrong password"})
    await ada.post("/two-factor/enable", {"password": "x" * 200})
    await s.browser().post("/two-factor/enable", {"password": PASSWORD})
    await ada.post("/two-factor/get-totp-uri", {"password": PASSWORD})
    await ada.post("/two-factor/verify-totp", {"code": "123456"})
    await ada.post("/two-factor/enable", {"password": PASSWORD})
    answer = await ada.post("/two-factor/enable", {"password": PASSWORD, "issuer": "A~b *c"})
    await ada.post("/two-factor/get-totp-uri", {"password": "wrong password"})
    await ada.post("/two-factor/get-totp-uri", {"password": PASSWORD})
    await ada.post("/two-factor/generate-backup-codes", {"password": PASSWORD})
    await ada.post("/two-factor/verify-totp", {"code": "000000x"})
    await ada.post("/two-factor/verify-totp", {"code": code(answer, ahead=-1)})
    await ada.get("/get-session")
    await ada.get("/list-sessions")
    await ada.post("/two-factor/enable", {"password": PASSWORD})
    await ada.post("/two-factor/generate-backup-codes", {"password": "wrong password"})
    await ada.post("/two-factor/generate-backup-codes", {"password": PASSWORD})
    await ada.post("/update-user", {"twoFactorEnabled": False, "name": "Countess"})
    await ada.post("/sign-out", {})
    await ada.sign_in(email, password="wrong password")
    await ada.sign_in(email)
    await ada.get("/get-session")
    await ada.post("/two-factor/verify-totp", {})
    await ada.post("/two-factor/verify-totp", {"code": 1, "trustDevice": "yes"})
    await ada.post("/two-factor/verify-totp", {"code": "1"})
    await ada.post("/two-factor/verify-totp", {"code": code(answer)})
    await ada.get("/get-session")
    await ada.post("/two-factor/disable", {"password": "wrong password"})
    await ada.post("/two-factor/disable", {})
    await ada.post("/two-factor/disable", {"password": PASSWORD})
    await ada.get("/get-session")
    await ada.post("/two-factor/disable", {"password": PASSWORD})
    await ada.sign_in(email)


@scenario(MAILED, postgres=True)
async def mailed_codes(s: Side) -> None:
    email = "mailed@example.com"
    ada = await s.signed_up(email)
    await s.browser().post("/two-factor/send-otp")
    await s.browser().post("/two-factor/verify-otp", {"code": "123456"})
    await ada.post("/two-factor/verify-otp", {"code": "123456"})
    await ada.post("/two-factor/send-otp", {"trustDevice": 1})
    await ada.post("/two-factor/send-otp", {})
    letter = await s.mail(email)
    await ada.post("/two-factor/verify-otp", {"code": f"{letter.code}0"})
    await ada.post("/two-factor/verify-otp", {"code": letter.code})
    await ada.get("/get-session")
    await ada.post("/two-factor/verify-otp", {"code": letter.code})
    await ada.post("/sign-out", {})
    await ada.sign_in(email, rememberMe=False)
    await ada.post("/two-factor/verify-otp", {"code": "123456"})
    await ada.post("/two-factor/send-otp")
    letter = await s.mail(email)
    for _ in range(6):
        await ada.post("/two-factor/verify-otp", {"code": "x"})
    await ada.post("/two-factor/verify-otp", {"code": letter.code})
    await ada.post("/two-factor/send-otp", {})
    letter = await s.mail(email)
    await ada.post("/two-factor/verify-otp", {"code": letter.code, "trustDevice": True})
    await ada.get("/get-session")
    await ada.post("/two-factor/enable", {"password": PASSWORD, "method": "otp"})
    await ada.post("/two-factor/send-otp")
    letter = await s.mail(email)
    await ada.post("/two-factor/verify-otp", {"code": letter.code})
    await ada.post("/two-factor/verify-backup-code", {"code": "x"})
    await ada.post("/two-factor/generate-backup-codes", {"password": PASSWORD})


@scenario(MAILED)
async def backup_codes_and_attempts(s: Side) -> None:
    email = "backup@example.com"
    ada = await s.signed_up(email)
    answer = await enable(ada)
    codes = answer.json["backupCodes"]
    await ada.post("/two-factor/verify-backup-code", {"code": codes[0]})
    await ada.post("/two-factor/verify-backup-code", {"code": codes[0]})
    await ada.post("/sign-out", {})
    await s.browser().post("/two-factor/verify-backup-code", {"code": codes[1]})
    await ada.sign_in(email)
    await ada.post("/two-factor/verify-backup-code", {"disableSession": 1, "trustDevice": "x"})
    await ada.post("/two-factor/verify-backup-code", {"code": codes[0]})
    await ada.post("/two-factor/verify-backup-code", {"code": codes[1]})
    await ada.get("/get-session")
    await ada.post("/sign-out", {})
    await ada.sign_in(email)
    await ada.post("/two-factor/verify-backup-code", {"code": codes[2], "disableSession": True})
    await ada.get("/get-session")
    await ada.post("/two-factor/verify-totp", {"code": code(answer)})
    await ada.sign_in(email)
    for name in ("totp", "totp", "backup-code", "totp", "backup-code"):
        await ada.post(f"/two-factor/verify-{name}", {"code": "x"})
    await ada.post("/two-factor/verify-totp", {"code": code(answer)})
    await ada.post("/two-factor/verify-totp", {"code": code(answer)})
    await ada.sign_in(email)
    await ada.post("/two-factor/verify-totp", {"code": code(answer)})


@scenario(MAILED)
async def trusted_devices(s: Side) -> None:
    email = "trusted@example.com"
    ada = await s.signed_up(email)
    answer = await enable(ada)
    await ada.post("/sign-out", {})
    await ada.sign_in(email, rememberMe=False)
    await ada.post("/two-factor/verify-totp", {"code": code(answer), "trustDevice": True})
    await ada.post("/sign-out", {})
    await ada.sign_in(email)
    await ada.get("/get-session")
    await ada.post("/sign-out", {})
    bob = await s.signed_up("trusted2@example.com")
    await enable(bob)
    bob.cookies = dict(ada.cookies or {})
    await bob.sign_in("trusted2@example.com")
    await s.sql("DELETE FROM verification WHERE identifier LIKE 'trust-device-%'")
    await ada.sign_in(email)
    await ada.post(
        "/two-factor/verify-backup-code",
        {
            "code": answer.json["backupCodes"][0],
            "trustDevice": True,
        },
    )
    await ada.post("/two-factor/disable", {"password": PASSWORD})
    await ada.sign_in(email)


@scenario(APP)
async def used_code(s: Side) -> None:
    email = "used@example.com"
    ada = await s.signed_up(email)
    answer = await enable(ada)
    await ada.post("/two-factor/verify-totp", {"code": code(answer)})
    await ada.post("/two-factor/verify-totp", {"code": code(answer)})
    await ada.post("/sign-out", {})
    await ada.sign_in(email)
    await ada.post("/two-factor/verify-totp", {"code": code(answer)})


@scenario({
    **MAILED,
    "appName": "Engines & co",
    "twoFactor.issuer": "Analytical",
    "twoFactor.skipVerificationOnEnable": True,
    "twoFactor.allowPasswordless": True,
    "twoFactor.twoFactorCookieMaxAge": 90,
    "twoFactor.trustDeviceMaxAge": 3600,
    "twoFactor.totpOptions.digits": 8,
    "twoFactor.totpOptions.allowPasswordless": False,
    "twoFactor.otpOptions.digits": 8,
    "twoFactor.otpOptions.period": 5,
    "twoFactor.otpOptions.allowedAttempts": 2,
    "twoFactor.otpOptions.storeOTP": "hashed",
    "twoFactor.backupCodeOptions.amount": 3,
    "twoFactor.backupCodeOptions.length": 12,
    "twoFactor.backupCodeOptions.storeBackupCodes": "plain",
    "twoFactor.backupCodeOptions.allowPasswordless": False,
    "twoFactor.accountLockout.maxFailedAttempts": 3,
    "twoFactor.accountLockout.durationSeconds": 60,
    "twoFactor.schema.twoFactor.modelName": "factors",
    "twoFactor.schema.twoFactor.fields": {"backupCodes": "backup_codes", "userId": "user_id"},
    "twoFactor.schema.user.fields": {"twoFactorEnabled": "two_factor_enabled"},
    "session.cookieCache.enabled": True,
    "advanced.useSecureCookies": True,
    "rateLimit.enabled": False,
})  # fmt: skip
async def every_option(s: Side) -> None:
    email = "options@example.com"
    ada = await s.signed_up(email)
    await ada.post("/two-factor/enable", {})
    answer = await ada.post("/two-factor/enable", {"password": PASSWORD})
    await ada.get("/get-session")
    await ada.post("/two-factor/get-totp-uri", {})
    await ada.post("/two-factor/get-totp-uri", {"password": PASSWORD})
    await ada.post("/two-factor/generate-backup-codes", {})
    await ada.post("/two-factor/verify-totp", {"code": code(answer, ahead=-1, digits=8)})
    await ada.post("/sign-out", {})
    await ada.sign_in(email)
    await ada.post("/two-factor/send-otp")
    letter = await s.mail(email)
    for _ in range(3):
        await ada.post("/two-factor/verify-otp", {"code": "x"})
    await ada.post("/two-factor/verify-totp", {"code": "x"})
    await ada.post("/two-factor/verify-totp", {"code": code(answer, digits=8)})
    await ada.post("/two-factor/verify-otp", {"code": letter.code})
    await s.sql('UPDATE factors SET "lockedUntil" = ?', "2026-01-01T00:00:00.000Z")
    await ada.post("/two-factor/verify-totp", {
        "code": code(answer, digits=8), "trustDevice": True,
    })  # fmt: skip
    await ada.get("/get-session")
    await s.sql("DELETE FROM account")
    await ada.post("/two-factor/get-totp-uri", {"password": PASSWORD})
    await ada.post("/two-factor/disable", {})


@scenario({
    **APP,
    "twoFactor.totpOptions.disable": True,
    "twoFactor.otpOptions.sendOTP": True,
    "twoFactor.otpOptions.storeOTP": "encrypted",
    "twoFactor.accountLockout.enabled": False,
})  # fmt: skip
async def no_apps(s: Side) -> None:
    email = "noapps@example.com"
    ada = await s.signed_up(email)
    await ada.post("/two-factor/enable", {"password": PASSWORD})
    await ada.post("/two-factor/get-totp-uri", {"password": PASSWORD})
    await ada.post("/two-factor/verify-totp", {"code": "123456"})
    await ada.post("/two-factor/enable", {"password": PASSWORD, "method": "otp"})
    await ada.post("/sign-out", {})
    await ada.sign_in(email)
    await ada.post("/two-factor/send-otp")
    letter = await s.mail(email)
    await ada.post("/two-factor/verify-otp", {"code": letter.code})
    await ada.post("/two-factor/disable", {"password": PASSWORD})


@scenario(
    {
        **APP,
        "twoFactor.twoFactorTable": "mfa",
        "secrets": [{"version": 2, "value": "b-secret-that-is-long-enough-0123456789"}],
    }
)
async def no_mail(s: Side) -> None:
    email = "nomail@example.com"
    ada = await s.signed_up(email)
    await ada.post("/two-factor/enable", {"password": PASSWORD, "method": "otp"})
    await ada.post("/two-factor/send-otp")
    await ada.post("/two-factor/verify-otp", {"code": "123456"})
    answer = await enable(ada)
    await ada.post("/sign-out", {})
    await ada.sign_in(email)
    await ada.post("/two-factor/send-otp", {})
    await ada.post("/two-factor/verify-totp", {"code": code(answer)})
    await ada.post("/two-factor/get-totp-uri", {"password": PASSWORD})


@scenario({**APP, "rateLimit.enabled": True})
async def three_requests_in_ten_seconds(s: Side) -> None:
    eve = s.browser()
    for _ in range(4):
        await eve.post("/two-factor/verify-totp", {"code": "123456"})


@scenario({**APP, "plugins": ["username", "two-factor", "last-login-method"]})
async def username_and_last_method(s: Side) -> None:
    email = "others@example.com"
    ada = await s.signed_up(email, username="ada_others")
    answer = await enable(ada)
    await ada.post("/sign-out", {})
    await ada.post("/sign-in/username", {"username": "ada_others", "password": PASSWORD})
    await ada.post("/two-factor/verify-totp", {"code": code(answer), "trustDevice": True})
    await ada.post("/sign-out", {})
    await ada.post("/sign-in/username", {"username": "ada_others", "password": PASSWORD})
    await ada.post("/sign-out", {})
    await ada.sign_in(email)
    await ada.post("/two-factor/disable", {"password": PASSWORD})
