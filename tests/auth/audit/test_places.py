"""Every change of a user is told, by every endpoint of the core that makes one."""

from urllib.parse import urlsplit

import pytest

from app.settings.options import (
    AccountLinkingOptions,
    AccountOptions,
    DeleteUserOptions,
    EmailAndPasswordOptions,
    EmailVerificationOptions,
    UserOptions,
)
from app.storage.database import Database
from tests.auth.email_verification.linking import changing, follow, mailing
from tests.support.audited import list_names, read_events, read_last
from tests.support.service import EMAIL, PASSWORD, browser, serve
from tests.support.smtp import Outgoing
from tests.support.tables import users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

NEW = "a new password"
REQUIRED = EmailAndPasswordOptions(require_email_verification=True)
SIGNS_IN = EmailVerificationOptions(auto_sign_in_after_verification=True)
DELETES = UserOptions(delete_user=DeleteUserOptions(enabled=True))


@pytest.mark.parametrize("revokes", [True, False])
async def test_changed_password(database: Database, *, revokes: bool) -> None:
    service = await serve(database)
    ada = browser(await service.sign_up())
    body = {"currentPassword": PASSWORD, "newPassword": NEW, "revokeOtherSessions": revokes}
    assert (await service.post("/change-password", body, ada)).status == 200
    wrong = {**body, "currentPassword": "wrong"}
    assert (await service.post("/change-password", wrong, ada)).status in (400, 401)
    assert await list_names(database) == ["signed_up", "password_changed"]


async def test_reset_password(database: Database) -> None:
    outgoing = Outgoing()
    service = await serve(database, mailer=outgoing)
    user_id = (await service.sign_up()).json()["user"]["id"]
    await service.post("/request-password-reset", {"email": "nobody@example.com"})
    await service.post("/request-password-reset", {"email": EMAIL})
    token = urlsplit(outgoing.link()).path.rpartition("/")[2]
    await service.post("/reset-password", {"newPassword": NEW, "token": "wrong"})
    await service.post("/reset-password", {"newPassword": NEW, "token": token})
    _, requested, done = await read_events(database)
    assert (requested["event"], requested["user_id"]) == ("reset_requested", user_id)
    assert (requested["actor"], requested["actor_id"]) == ("anybody", None)
    assert (done["event"], done["actor_id"]) == ("reset_done", user_id)


async def test_verified_address(database: Database) -> None:
    service, outgoing = await mailing(
        database, email_and_password=REQUIRED, email_verification=SIGNS_IN
    )
    await service.sign_up()
    await service.sign_in()
    await follow(service, outgoing.link())
    told = await read_events(database)
    names = ["signed_up", "sign_in_failed", "email_verified", "signed_in"]
    assert [each["event"] for each in told] == names
    assert told[1]["reason"] == "EMAIL_NOT_VERIFIED"
    assert told[3]["details"] == {"method": "verification-link"}


async def test_changed_address_is_told_without_it(database: Database) -> None:
    service, outgoing = await mailing(database, user=changing())
    ada = browser(await service.sign_up())
    await service.alter(users, emailVerified=True)
    await service.post("/change-email", {"newEmail": "new@example.com"}, ada)
    await follow(service, outgoing.link(), ada)
    told = await read_events(database)
    names = ["signed_up", "email_change_requested", "email_changed"]
    assert [each["event"] for each in told] == names
    assert "@" not in str(told)


async def test_changed_fields_are_named_without_their_values(database: Database) -> None:
    service = await serve(database)
    ada = browser(await service.sign_up())
    await service.post("/update-user", {"name": "Eve", "image": "/eve.png"}, ada)
    told = await read_last(database)
    assert (told["event"], told["details"]) == ("user_updated", {"fields": ["image", "name"]})
    assert "Eve" not in str(told)


async def test_deleted_user_leaves_events_without_addresses(database: Database) -> None:
    service = await serve(database, user=DELETES)
    signed_up = await service.sign_up()
    user_id = signed_up.json()["user"]["id"]
    wrong = {"password": "wrong"}
    assert (await service.post("/delete-user", wrong, browser(signed_up))).status == 400
    right = {"password": PASSWORD}
    assert (await service.post("/delete-user", right, browser(signed_up))).status == 200
    signed, deleted = await read_events(database)
    assert (signed["event"], deleted["event"]) == ("signed_up", "user_deleted")
    assert signed["user_id"] == deleted["user_id"] == user_id
    assert (signed["ip_address"], deleted["ip_address"]) == (None, "127.0.0.1")


async def test_request_for_a_deletion_by_mail(database: Database) -> None:
    options = DeleteUserOptions(enabled=True, send_delete_account_verification=True)
    service = await serve(database, user=UserOptions(delete_user=options), mailer=Outgoing())
    ada = browser(await service.sign_up())
    await service.post("/delete-user", {}, ada)
    assert await list_names(database) == ["signed_up", "deletion_requested"]


async def test_unlinked_account(database: Database) -> None:
    linking = AccountLinkingOptions(allow_unlinking_all=True)
    service = await serve(database, account=AccountOptions(account_linking=linking))
    ada = browser(await service.sign_up())
    (account,) = (await service.get("/list-accounts", ada)).json()
    await service.post("/unlink-account", {"accountId": "unknown"}, ada)
    await service.post("/unlink-account", {"accountId": account["id"]}, ada)
    told = await read_events(database)
    assert [each["event"] for each in told] == ["signed_up", "account_unlinked"]
    assert told[1]["details"] == {"account": account["id"]}
