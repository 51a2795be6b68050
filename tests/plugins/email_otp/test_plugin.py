"""Codes by mail: what they are good for, how often, and what they do not tell."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from app.auth.verifications.database import DatabaseVerifications
from app.models.clock import now
from app.plugins.email_otp.options import EmailOtpOptions, OtpChangeEmailOptions
from app.plugins.email_otp.plugin import PLUGIN
from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from app.settings.options import (
    ChangeEmailOptions,
    EmailAndPasswordOptions,
    EmailVerificationOptions,
    UserOptions,
    VerificationOptions,
)
from app.settings.validation import NEEDS_SMTP
from app.storage.redis import RedisStorage
from tests.support.asgi import Answer
from tests.support.plugins import plugged
from tests.support.secret import STRONG_SECRET
from tests.support.service import EMAIL, PASSWORD, Service, browser
from tests.support.smtp import Outgoing
from tests.support.tables import TABLES, accounts, sessions, users, verifications

pytestmark = pytest.mark.anyio

SEND = "/email-otp/send-verification-otp"
CHECK = "/email-otp/check-verification-otp"
VERIFY = "/email-otp/verify-email"
SIGN_IN = "/sign-in/email-otp"
ASK_RESET = "/email-otp/request-password-reset"
RESET = "/email-otp/reset-password"
ASK_CHANGE = "/email-otp/request-email-change"
CHANGE = "/email-otp/change-email"
OTHER = "ada@example.org"
REQUIRED = EmailAndPasswordOptions(require_email_verification=True)


@pytest.fixture
def outbox() -> Outgoing:
    return Outgoing()


@pytest.fixture
async def service(sqlite_url: str, outbox: Outgoing) -> AsyncIterator[Service]:
    async with plugged(sqlite_url, PLUGIN, EmailOtpOptions(), mailer=outbox) as made:
        yield made


def code_in(outbox: Outgoing) -> str:
    return next(line for line in outbox.messages[-1].text.splitlines() if line.isdecimal())


def wrong(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


async def ask(service: Service, outbox: Outgoing, kind: str = "sign-in", email: str = EMAIL) -> str:
    """A code that was just mailed."""
    answer = await service.post(SEND, {"email": email, "type": kind})
    assert (answer.status, answer.json()) == (200, {"success": True})
    return code_in(outbox)


async def sign_in(service: Service, code: str, email: str = EMAIL, **fields: object) -> Answer:
    return await service.post(SIGN_IN, {"email": email, "otp": code, **fields})


def error_of(answer: Answer) -> tuple[int, object]:
    return answer.status, answer.json().get("code")


async def test_code_signs_in_once(service: Service, outbox: Outgoing) -> None:
    code = await ask(service, outbox, email="ADA@Example.com")
    answer = await sign_in(service, code, name="Ada", image="/ada.png")
    user = answer.json()["user"]
    assert (user["email"], user["emailVerified"], user["image"]) == (EMAIL, True, "/ada.png")
    assert (await service.get("/get-session", browser(answer))).json()["user"]["name"] == "Ada"
    assert await service.rows(accounts) == await service.rows(verifications) == []
    assert error_of(await sign_in(service, code)) == (400, "INVALID_OTP")
    assert (await sign_in(service, await ask(service, outbox))).status == 200
    assert len(await service.rows(users)) == 1


@pytest.mark.parametrize("store", ["plain", "hashed", "encrypted"])
async def test_code_is_stored_as_the_options_say(
    sqlite_url: str, outbox: Outgoing, store: Any
) -> None:
    options = EmailOtpOptions(store_otp=store, otp_length=8)
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox) as service:
        code = await ask(service, outbox)
        (row,) = await service.rows(verifications)
        assert (row["value"] == f"{code}:0") is (store == "plain")
        assert (code in row["value"]) is (store == "plain")
        assert error_of(await sign_in(service, wrong(code))) == (400, "INVALID_OTP")
        assert (await sign_in(service, code)).status == 200


@pytest.mark.parametrize(
    ("store", "stored"),
    [("plain", "123456"), ("hashed", "jZae727K08KaOmKSgOaGzww_XVqGr_PKEgIMkjrcbJI")],
)
async def test_code_that_a_node_server_mailed_works(
    sqlite_url: str, outbox: Outgoing, store: Any, stored: str
) -> None:
    async with plugged(
        sqlite_url, PLUGIN, EmailOtpOptions(store_otp=store), mailer=outbox
    ) as service:
        rows = DatabaseVerifications(service.database, TABLES, VerificationOptions())
        until = now() + timedelta(minutes=5)
        await rows.put(f"sign-in-otp-{EMAIL}", f"{stored}:2", until, now())
        assert (await sign_in(service, "123456")).status == 200


async def test_code_ends_after_wrong_guesses(service: Service, outbox: Outgoing) -> None:
    code = await ask(service, outbox)
    for _ in range(3):
        assert error_of(await sign_in(service, wrong(code))) == (400, "INVALID_OTP")
    assert error_of(await sign_in(service, code)) == (403, "TOO_MANY_ATTEMPTS")
    assert error_of(await sign_in(service, code)) == (400, "INVALID_OTP")
    assert await service.rows(users) == []


async def test_guesses_of_every_endpoint_count(service: Service, outbox: Outgoing) -> None:
    await service.sign_up()
    code = await ask(service, outbox, "forget-password")
    body = {"email": EMAIL, "type": "forget-password", "otp": wrong(code)}
    for _ in range(2):
        assert error_of(await service.post(CHECK, body)) == (400, "INVALID_OTP")
    assert (await service.post(CHECK, {**body, "otp": code})).json() == {"success": True}
    reset = {"email": EMAIL, "password": "another horse", "otp": wrong(code)}
    assert error_of(await service.post(RESET, reset)) == (400, "INVALID_OTP")
    assert error_of(await service.post(RESET, {**reset, "otp": code})) == (403, "TOO_MANY_ATTEMPTS")


async def test_guesses_at_the_same_time_are_all_counted(
    database_url: str, outbox: Outgoing
) -> None:
    options = EmailOtpOptions()
    async with (
        plugged(database_url, PLUGIN, options, mailer=outbox) as one,
        plugged(database_url, PLUGIN, options, mailer=outbox) as other,
    ):
        code = await ask(one, outbox)
        guesses = [sign_in(each, wrong(code)) for each in (one, other) * 10]
        seen = Counter(map(error_of, await asyncio.gather(*guesses)))
        assert seen == {(400, "INVALID_OTP"): 19, (403, "TOO_MANY_ATTEMPTS"): 1}
        assert error_of(await sign_in(one, code)) == (400, "INVALID_OTP")


async def test_code_that_comes_often_at_once_signs_in_once(
    database_url: str, outbox: Outgoing
) -> None:
    """PR 8067: parallel requests used the same code several times."""
    options = EmailOtpOptions()
    async with (
        plugged(database_url, PLUGIN, options, mailer=outbox) as one,
        plugged(database_url, PLUGIN, options, mailer=outbox) as other,
    ):
        code = await ask(one, outbox)
        tries = [sign_in(each, code) for each in (one, other) * 25]
        statuses = Counter(answer.status for answer in await asyncio.gather(*tries))
        assert statuses == {200: 1, 400: 49}
        assert len(await one.rows(sessions)) == 1


async def test_code_in_redis_signs_in_once_and_counts_guesses(
    sqlite_url: str, outbox: Outgoing, storage: RedisStorage
) -> None:
    options = EmailOtpOptions(allowed_attempts=2)
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox, storage=storage) as service:
        code = await ask(service, outbox)
        assert error_of(await sign_in(service, wrong(code))) == (400, "INVALID_OTP")
        tries = [sign_in(service, code) for _ in range(20)]
        statuses = Counter(answer.status for answer in await asyncio.gather(*tries))
        assert statuses == {200: 1, 400: 19}
        code = await ask(service, outbox)
        for _ in range(2):
            assert error_of(await sign_in(service, wrong(code))) == (400, "INVALID_OTP")
        assert error_of(await sign_in(service, code)) == (403, "TOO_MANY_ATTEMPTS")


async def test_expired_code_is_refused(service: Service, outbox: Outgoing) -> None:
    code = await ask(service, outbox)
    await service.alter(verifications, expiresAt="2026-01-01T00:00:00.000Z")
    assert error_of(await sign_in(service, code)) == (400, "OTP_EXPIRED")
    assert error_of(await sign_in(service, code)) == (400, "INVALID_OTP")


async def test_code_is_good_for_its_own_purpose_alone(service: Service, outbox: Outgoing) -> None:
    await service.sign_up()
    code = await ask(service, outbox, "email-verification")
    assert error_of(await sign_in(service, code)) == (400, "INVALID_OTP")
    assert (await service.post(VERIFY, {"email": EMAIL, "otp": code})).status == 200


async def test_first_proof_of_an_address_ends_what_was_there(
    database_url: str, outbox: Outgoing
) -> None:
    async with plugged(database_url, PLUGIN, EmailOtpOptions(), mailer=outbox) as service:
        mallory = browser(await service.sign_up())
        owner = browser(await sign_in(service, await ask(service, outbox)))
        assert (await service.get("/get-session", mallory)).json() is None
        assert (await service.get("/get-session", owner)).json()["user"]["emailVerified"] is True
        assert (await service.sign_in()).status == 401


async def test_wrong_code_says_nothing_about_the_address(
    service: Service, outbox: Outgoing
) -> None:
    """What a new user may not say is refused to who has the code, to nobody else."""
    await service.sign_up()
    answers = [
        await sign_in(service, "000000", email, emailVerified=True, id="x")
        for email in (EMAIL, OTHER)
    ]
    assert [error_of(each) for each in answers] == [(400, "INVALID_OTP")] * 2


async def test_known_and_unknown_addresses_get_the_same_answers(
    sqlite_url: str, outbox: Outgoing
) -> None:
    options = EmailOtpOptions(disable_sign_up=True)
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox) as service:
        await service.sign_up()
        for path, body in (
            (SEND, {"type": "sign-in"}),
            (SEND, {"type": "email-verification"}),
            (SEND, {"type": "forget-password"}),
            (ASK_RESET, {}),
            ("/forget-password/email-otp", {}),
        ):
            known = await service.post(path, {"email": EMAIL, **body})
            unknown = await service.post(path, {"email": OTHER, **body})
            assert (known.status, known.body) == (unknown.status, unknown.body)
        assert [mail.to for mail in outbox.messages] == [EMAIL] * 5
        assert error_of(await sign_in(service, "000000", OTHER)) == (400, "INVALID_OTP")


async def test_guesses_do_not_tell_who_has_an_account(sqlite_url: str, outbox: Outgoing) -> None:
    change = OtpChangeEmailOptions(enabled=True)
    options = EmailOtpOptions(disable_sign_up=True, change_email=change)
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox) as service:
        ada = browser(await service.sign_up())
        eve = browser(await service.sign_up("eve@example.com"))
        for path, kind in ((SIGN_IN, "sign-in"), (VERIFY, "email-verification"), (RESET, None)):
            seen = []
            for email in (EMAIL, OTHER):
                await service.post(
                    ASK_RESET if kind is None else SEND, {"email": email, "type": kind}
                )
                body = {"email": email, "otp": "x", "password": PASSWORD}
                seen.append([error_of(await service.post(path, body)) for _ in range(5)])
            assert seen[0] == seen[1]
            assert seen[0][3] == (403, "TOO_MANY_ATTEMPTS")
        seen = []
        for email, session in (("eve@example.com", ada), ("free@example.com", eve)):
            await service.post(ASK_CHANGE, {"newEmail": email}, session)
            body = {"newEmail": email, "otp": "x"}
            seen.append([error_of(await service.post(CHANGE, body, session)) for _ in range(5)])
        assert seen[0] == seen[1]


async def test_nobody_signs_up_where_that_is_off(sqlite_url: str, outbox: Outgoing) -> None:
    async with plugged(sqlite_url, PLUGIN, EmailOtpOptions(), mailer=outbox) as service:
        code = await ask(service, outbox)
    off = EmailOtpOptions(disable_sign_up=True)
    async with plugged(sqlite_url, PLUGIN, off, mailer=outbox) as service:
        assert error_of(await sign_in(service, code)) == (400, "INVALID_OTP")
        assert await service.rows(users) == await service.rows(verifications) == []


async def test_reset_verifies_the_address(database_url: str, outbox: Outgoing) -> None:
    async with plugged(database_url, PLUGIN, EmailOtpOptions(), mailer=outbox) as service:
        await service.sign_up()
        await service.post(ASK_RESET, {"email": EMAIL})
        body = {"email": EMAIL, "otp": code_in(outbox), "password": "another horse"}
        assert (await service.post(RESET, body)).json() == {"success": True}
        assert error_of(await service.post(RESET, body)) == (400, "INVALID_OTP")
        assert (await service.sign_in()).status == 401
        answer = await service.sign_in(password="another horse")
        assert answer.json()["user"]["emailVerified"] is True


async def test_reset_gives_a_password_to_a_user_without_one(
    service: Service, outbox: Outgoing
) -> None:
    await sign_in(service, await ask(service, outbox))
    code = await ask(service, outbox, "forget-password")
    await service.post(RESET, {"email": EMAIL, "otp": code, "password": PASSWORD})
    assert (await service.sign_in()).status == 200


async def test_nothing_from_before_the_proof_is_left_by_a_race(
    database_url: str, outbox: Outgoing
) -> None:
    """Mallory signs in with the old password while the owner proves the address."""
    options = EmailOtpOptions()
    async with (
        plugged(database_url, PLUGIN, options, mailer=outbox) as one,
        plugged(database_url, PLUGIN, options, mailer=outbox) as other,
    ):
        for number in range(3):
            email = f"victim{number}@example.com"
            await one.sign_up(email)
            code = await ask(one, outbox, email=email)
            *mallory, owner = await asyncio.gather(
                *(each.sign_in(email) for each in (other, one, other)),
                sign_in(one, code, email),
            )
            assert owner.status == 200
            for each in mallory:
                assert each.status == 401 or await is_over(one, each)
            assert not await is_over(other, owner)
            assert (await one.sign_in(email)).status == 401


async def is_over(service: Service, answer: Answer) -> bool:
    return (await service.get("/get-session", browser(answer))).json() is None


async def test_reset_and_sign_in_at_the_same_time_both_succeed(
    database_url: str, outbox: Outgoing
) -> None:
    options = EmailOtpOptions()
    async with (
        plugged(database_url, PLUGIN, options, mailer=outbox) as one,
        plugged(database_url, PLUGIN, options, mailer=outbox) as other,
    ):
        for number in range(3):
            email = f"ada{number}@example.com"
            await one.sign_up(email)
            code = await ask(one, outbox, email=email)
            reset = await ask(one, outbox, "forget-password", email)
            body = {"email": email, "otp": reset, "password": "another horse"}
            answers = await asyncio.gather(
                other.post(RESET, body), sign_in(one, code, email), other.sign_in(email)
            )
            assert [answer.status for answer in answers[:2]] == [200, 200]
            assert (await one.sign_in(email)).status == 401


async def test_code_mailed_at_sign_up_verifies(sqlite_url: str, outbox: Outgoing) -> None:
    options = EmailOtpOptions(send_verification_on_sign_up=True)
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox) as service:
        session = browser(await service.sign_up())
        assert [mail.kind for mail in outbox.messages] == ["email-otp-verification"]
        answer = await service.post(VERIFY, {"email": EMAIL, "otp": code_in(outbox)}, session)
        assert (answer.json()["token"], answer.json()["user"]["emailVerified"]) == (None, True)
        assert (await service.sign_in()).status == 200


async def test_code_in_place_of_the_link(sqlite_url: str, outbox: Outgoing) -> None:
    options = EmailOtpOptions(override_default_email_verification=True)
    verification = EmailVerificationOptions(auto_sign_in_after_verification=True)
    async with plugged(
        sqlite_url,
        PLUGIN,
        options,
        mailer=outbox,
        email_and_password=REQUIRED,
        email_verification=verification,
    ) as service:
        assert (await service.sign_up()).json()["token"] is None
        assert [mail.kind for mail in outbox.messages] == ["email-otp-verification"]
        answer = await service.post(VERIFY, {"email": EMAIL, "otp": code_in(outbox)})
        assert (await service.get("/get-session", browser(answer))).json() is not None
        assert (await service.sign_in()).status == 200


async def test_link_goes_to_a_new_address_all_the_same(sqlite_url: str, outbox: Outgoing) -> None:
    options = EmailOtpOptions(override_default_email_verification=True)
    user = UserOptions(change_email=ChangeEmailOptions(enabled=True))
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox, user=user) as service:
        session = browser(await service.sign_up())
        await service.post("/change-email", {"newEmail": OTHER}, session)
        assert (outbox.messages[-1].kind, outbox.messages[-1].to) == ("verify-email", OTHER)


async def test_no_password_of_several_sign_ups_counts_after_the_proof(
    database_url: str, outbox: Outgoing
) -> None:
    options = EmailOtpOptions(override_default_email_verification=True)
    async with plugged(
        database_url, PLUGIN, options, mailer=outbox, email_and_password=REQUIRED
    ) as service:
        await service.sign_up(password="of mallory")
        await service.sign_up()
        answer = await service.post(VERIFY, {"email": EMAIL, "otp": code_in(outbox)})
        assert answer.json()["user"]["emailVerified"] is True
        assert (await service.sign_in(password="of mallory")).status == 401
        assert (await service.sign_in()).status == 401
        await service.post(ASK_RESET, {"email": EMAIL})
        body = {"email": EMAIL, "otp": code_in(outbox), "password": PASSWORD}
        assert (await service.post(RESET, body)).status == 200
        assert (await service.sign_in()).status == 200


async def test_code_is_mailed_again_where_that_is_chosen(sqlite_url: str, outbox: Outgoing) -> None:
    options = EmailOtpOptions(resend_strategy="reuse", store_otp="encrypted")
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox) as service:
        code = await ask(service, outbox)
        await sign_in(service, wrong(code))
        assert await ask(service, outbox) == code
        for _ in range(2):
            await sign_in(service, wrong(code))
        assert await ask(service, outbox) != code
        assert (await sign_in(service, code_in(outbox))).status == 200


async def test_address_changes_with_codes_for_both(database_url: str, outbox: Outgoing) -> None:
    change = OtpChangeEmailOptions(enabled=True, verify_current_email=True)
    options = EmailOtpOptions(change_email=change)
    async with plugged(database_url, PLUGIN, options, mailer=outbox) as service:
        session = browser(await service.sign_up())
        asked = await service.post(ASK_CHANGE, {"newEmail": OTHER}, session)
        assert asked.json()["message"] == "OTP is required to verify current email"
        code = await ask(service, outbox, "email-verification")
        await service.post(ASK_CHANGE, {"newEmail": OTHER, "otp": code}, session)
        assert outbox.messages[-1].to == OTHER
        body = {"newEmail": OTHER, "otp": code_in(outbox)}
        assert (await service.post(CHANGE, body, session)).json() == {"success": True}
        user = (await service.get("/get-session", session)).json()["user"]
        assert (user["email"], user["emailVerified"]) == (OTHER, True)
        again = await service.post(CHANGE, {**body, "newEmail": EMAIL}, session)
        assert error_of(again) == (400, "INVALID_OTP")


async def test_code_of_one_user_changes_no_other(sqlite_url: str, outbox: Outgoing) -> None:
    options = EmailOtpOptions(change_email=OtpChangeEmailOptions(enabled=True))
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox) as service:
        ada = browser(await service.sign_up())
        eve = browser(await service.sign_up("eve@example.com"))
        await service.post(ASK_CHANGE, {"newEmail": OTHER}, ada)
        body = {"newEmail": OTHER, "otp": code_in(outbox)}
        assert error_of(await service.post(CHANGE, body, eve)) == (400, "INVALID_OTP")
        mails = len(outbox.messages)
        taken = await service.post(ASK_CHANGE, {"newEmail": "eve@example.com"}, ada)
        assert (taken.json(), len(outbox.messages)) == ({"success": True}, mails)


async def test_address_taken_meanwhile_is_refused(sqlite_url: str, outbox: Outgoing) -> None:
    options = EmailOtpOptions(change_email=OtpChangeEmailOptions(enabled=True))
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox) as service:
        ada = browser(await service.sign_up())
        await service.post(ASK_CHANGE, {"newEmail": OTHER}, ada)
        await service.sign_up(OTHER)
        answer = await service.post(CHANGE, {"newEmail": OTHER, "otp": code_in(outbox)}, ada)
        assert (answer.status, answer.json()["message"]) == (400, "Email already in use")


async def test_banned_user_is_refused_and_keeps_all(sqlite_url: str, outbox: Outgoing) -> None:
    async with plugged(sqlite_url, PLUGIN, EmailOtpOptions(), mailer=outbox) as service:
        await service.sign_up()
        await service.execute('ALTER TABLE "user" ADD COLUMN "banned" integer DEFAULT 1')
    async with plugged(sqlite_url, PLUGIN, EmailOtpOptions(), mailer=outbox) as service:
        answer = await sign_in(service, await ask(service, outbox))
        assert error_of(answer) == (403, "BANNED_USER")
        assert len(await service.rows(accounts)) == 1


def faults(**environ: str) -> tuple[str, ...]:
    given = {"BETTER_AUTH_SECRET": STRONG_SECRET, "BETTER_AUTH_PLUGINS": "email-otp", **environ}
    with pytest.raises(SettingsError) as caught:
        read_settings(given, None)
    return caught.value.lines


def test_settings_that_contradict_each_other_are_refused() -> None:
    (line,) = faults()
    assert line == f"BETTER_AUTH_PLUGINS: email-otp {NEEDS_SMTP}"
    (line,) = faults(
        SMTP_URL="console:",
        BETTER_AUTH_EMAIL_OTP_OVERRIDE_DEFAULT_EMAIL_VERIFICATION="true",
        BETTER_AUTH_EMAIL_VERIFICATION_SEND_VERIFICATION_EMAIL="false",
    )
    assert line.startswith("BETTER_AUTH_EMAIL_OTP_OVERRIDE_DEFAULT_EMAIL_VERIFICATION mails a code")
