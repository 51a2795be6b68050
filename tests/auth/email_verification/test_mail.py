"""Links that are mailed unasked: to who signs up, and to who signs in too early."""

import pytest

from app.settings.options import EmailAndPasswordOptions, EmailVerificationOptions
from app.storage.database import Database
from tests.support.service import EMAIL, PASSWORD

from .linking import follow, mailing

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

REQUIRED = EmailAndPasswordOptions(require_email_verification=True)
ON_SIGN_IN = EmailVerificationOptions(send_on_sign_in=True)


@pytest.mark.parametrize(
    ("required", "chosen", "count"),
    [
        (False, None, 0),
        (False, True, 1),
        (False, False, 0),
        (True, None, 1),
        (True, True, 1),
        (True, False, 0),
    ],
)
async def test_sign_up_mails_where_the_settings_say_so(
    sqlite_database: Database, required: bool, chosen: bool | None, count: int
) -> None:
    service, outgoing = await mailing(
        sqlite_database,
        email_and_password=EmailAndPasswordOptions(require_email_verification=required),
        email_verification=EmailVerificationOptions(send_on_sign_up=chosen),
    )
    assert (await service.sign_up(callbackURL="/welcome")).status == 200
    assert [message.to for message in outgoing.messages] == [EMAIL] * count


async def test_sign_up_mails_nothing_where_mails_are_off(sqlite_database: Database) -> None:
    options = EmailVerificationOptions(send_verification_email=False, send_on_sign_up=True)
    service, outgoing = await mailing(sqlite_database, email_verification=options)
    assert (await service.sign_up()).status == 200
    assert outgoing.messages == []


async def test_mailed_link_lets_in(database: Database) -> None:
    service, outgoing = await mailing(database, email_and_password=REQUIRED)
    signed_up = await service.sign_up(callbackURL="/welcome")
    assert signed_up.json()["token"] is None
    assert (await service.sign_in()).status == 403
    assert (await follow(service, outgoing.link())).header("location") == "/welcome"
    assert (await service.sign_in()).status == 200


@pytest.mark.engines("sqlite", "postgres")
async def test_owner_of_a_proven_address_gets_no_mail(database: Database) -> None:
    service, outgoing = await mailing(database, email_and_password=REQUIRED)
    await service.sign_up()
    await follow(service, outgoing.link())
    assert (await service.sign_up(name="Eve")).status == 200
    assert len(outgoing.messages) == 1


async def test_sign_in_mails_the_link_again(database: Database) -> None:
    service, outgoing = await mailing(
        database, email_and_password=REQUIRED, email_verification=ON_SIGN_IN
    )
    await service.sign_up()
    refused = await service.sign_in(callbackURL="/again")
    assert (refused.status, refused.json()["code"]) == (403, "EMAIL_NOT_VERIFIED")
    assert [message.to for message in outgoing.messages] == [EMAIL] * 2
    assert (await follow(service, outgoing.link())).header("location") == "/again"
    assert (await service.sign_in()).status == 200
    assert len(outgoing.messages) == 2


@pytest.mark.parametrize(
    ("options", "password"),
    [(EmailVerificationOptions(), PASSWORD), (ON_SIGN_IN, "wrong horse")],
    ids=["off", "wrong password"],
)
async def test_sign_in_mails_nothing_otherwise(
    sqlite_database: Database, options: EmailVerificationOptions, password: str
) -> None:
    service, outgoing = await mailing(
        sqlite_database, email_and_password=REQUIRED, email_verification=options
    )
    await service.sign_up()
    await service.sign_in(password=password)
    assert len(outgoing.messages) == 1
