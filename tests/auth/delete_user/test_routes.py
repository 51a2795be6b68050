import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace

from app.auth.passwords.hashing import Passwords
from app.mail.backends import open_mailer
from app.models.clock import from_iso
from app.settings.options import DeleteUserOptions, UserOptions
from app.settings.settings import Settings
from app.storage.database import Database
from tests.auth.sessions.test_routes import CLEARED
from tests.support.asgi import Answer, Header
from tests.support.service import EMAIL, PASSWORD, SECRET, Service, bearer, browser, from_now, serve
from tests.support.smtp import Outgoing, Sink, link_in
from tests.support.tables import accounts, sessions, users, verifications

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

ENABLED = DeleteUserOptions(enabled=True)
MAILED = replace(ENABLED, send_delete_account_verification=True)
DELETED = {"success": True, "message": "User deleted"}
SENT = {"success": True, "message": "Verification email sent"}
INVALID = {"message": "Invalid token", "code": "INVALID_TOKEN"}
OTHER = "other@example.com"


async def offering(database: Database, options: DeleteUserOptions = ENABLED) -> Service:
    return await serve(database, user=UserOptions(delete_user=options))


@pytest.fixture
def outgoing() -> Outgoing:
    return Outgoing()


@pytest.fixture
async def mailing(database: Database, outgoing: Outgoing) -> Service:
    """A service that mails a link before it deletes."""
    return await serve(database, mailer=outgoing, user=UserOptions(delete_user=MAILED))


async def ask(service: Service, headers: list[Header], **body: object) -> Answer:
    return await service.post("/delete-user", body, headers)


def token_in(outgoing: Outgoing) -> str:
    return parse_qs(urlsplit(outgoing.link()).query)["token"][0]


async def names(service: Service) -> list[str]:
    return [row["email"] for row in await service.rows(users)]


class TestAtOnce:
    async def test_user_is_gone_with_all_that_is_theirs(self, database: Database) -> None:
        service = await offering(database)
        await service.sign_up(OTHER)
        ada = browser(await service.sign_up())
        await service.sign_in()
        answer = await ask(service, ada)
        assert (answer.status, answer.json()) == (200, DELETED)
        assert await names(service) == [OTHER]
        assert len(await service.rows(sessions)) == 1
        assert len(await service.rows(accounts)) == 1
        assert (await service.get("/get-session", ada)).json() is None

    async def test_cookies_are_taken_back(self, database: Database) -> None:
        service = await offering(database)
        answer = await ask(service, browser(await service.sign_up()))
        assert answer.header_list("set-cookie") == CLEARED

    async def test_old_session_needs_the_password(self, database: Database) -> None:
        service = await offering(database)
        ada = browser(await service.sign_up())
        await service.alter(sessions, createdAt=from_now(days=-2))
        for body in ({}, {"password": ""}):
            refused = await ask(service, ada, **body)
            assert (refused.status, refused.json()["code"]) == (400, "SESSION_EXPIRED")
        assert (await ask(service, ada, password=PASSWORD)).json() == DELETED

    @pytest.mark.parametrize(
        ("password", "code"),
        [("wrong", "INVALID_PASSWORD"), ("l" * 129, "PASSWORD_TOO_LONG")],
    )
    async def test_wrong_password_is_refused(
        self, database: Database, password: str, code: str
    ) -> None:
        service = await offering(database)
        refused = await ask(service, browser(await service.sign_up()), password=password)
        assert (refused.status, refused.json()["code"]) == (400, code)
        assert await names(service) == [EMAIL]

    async def test_password_of_a_user_who_has_none_is_refused(self, database: Database) -> None:
        service = await offering(database)
        ada = browser(await service.sign_up())
        await service.alter(accounts, password=None)
        refused = await ask(service, ada, password=PASSWORD)
        assert refused.json()["code"] == "CREDENTIAL_ACCOUNT_NOT_FOUND"

    @pytest.mark.engines("sqlite", "postgres")
    async def test_password_that_was_changed_meanwhile_is_refused(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service = await offering(database)
        ada = browser(await service.sign_up())

        async def change(_passwords: Passwords, _password: str, _stored: str | None) -> bool:
            await service.alter(accounts, password="another")
            return True

        monkeypatch.setattr(Passwords, "verify", change)
        assert (await ask(service, ada, password=PASSWORD)).status == 401
        assert await names(service) == [EMAIL]

    async def test_renewed_session_is_told_with_a_refusal(self, database: Database) -> None:
        service = await offering(database)
        token = (await service.sign_up()).json()["token"]
        await service.alter(sessions, expiresAt=from_now(days=2))
        refused = await ask(service, bearer(token), password="wrong")
        assert refused.status == 400
        assert "Max-Age=604800" in refused.header_list("set-cookie")[0]


class TestByMail:
    async def test_link_is_mailed_and_nothing_is_deleted(
        self, mailing: Service, outgoing: Outgoing
    ) -> None:
        ada = browser(await mailing.sign_up())
        answer = await ask(mailing, ada, password=PASSWORD, callbackURL="/bye?a=1")
        assert (answer.status, answer.json()) == (200, SENT)
        assert await names(mailing) == [EMAIL]
        link = urlsplit(outgoing.link())
        assert link.path == "/api/auth/delete-user/callback"
        token = token_in(outgoing)
        assert link.query == f"token={token}&callbackURL=%2Fbye%3Fa%3D1"
        assert (len(token), token.lower()) == (32, token)

    @pytest.mark.engines("sqlite", "postgres")
    async def test_row_is_the_originals(self, mailing: Service, outgoing: Outgoing) -> None:
        await ask(mailing, browser(await mailing.sign_up()))
        [row] = await mailing.rows(verifications)
        [user] = await mailing.rows(users)
        assert row["identifier"] == f"delete-account-{token_in(outgoing)}"
        assert row["value"] == user["id"]
        assert from_iso(row["expiresAt"]) - from_iso(row["createdAt"]) == timedelta(days=1)

    async def test_link_deletes_and_goes_on(self, mailing: Service, outgoing: Outgoing) -> None:
        ada = browser(await mailing.sign_up())
        await ask(mailing, ada)
        token = token_in(outgoing)
        answer = await mailing.get(f"/delete-user/callback?token={token}&callbackURL=/bye", ada)
        assert (answer.status, answer.header("location")) == (302, "/bye")
        assert len(answer.header_list("set-cookie")) == 3
        assert await names(mailing) == []

    async def test_link_without_a_page_answers(self, mailing: Service, outgoing: Outgoing) -> None:
        ada = browser(await mailing.sign_up())
        await ask(mailing, ada)
        answer = await mailing.get(f"/delete-user/callback?token={token_in(outgoing)}", ada)
        assert (answer.status, answer.json()) == (200, DELETED)

    async def test_token_may_be_posted(self, mailing: Service, outgoing: Outgoing) -> None:
        ada = browser(await mailing.sign_up())
        await ask(mailing, ada)
        answer = await ask(mailing, ada, token=token_in(outgoing))
        assert (answer.status, answer.json()) == (200, DELETED)
        assert answer.header_list("set-cookie") == CLEARED
        assert await names(mailing) == []

    async def test_link_takes_a_dead_session_back(self, mailing: Service) -> None:
        ada = browser(await mailing.sign_up())
        await mailing.execute("DELETE FROM session")
        refused = await mailing.get("/delete-user/callback?token=x", ada)
        assert (refused.status, refused.json()["code"]) == (404, "FAILED_TO_GET_USER_INFO")
        assert all("Max-Age=0" in line for line in refused.header_list("set-cookie"))

    async def test_link_needs_the_session(self, mailing: Service, outgoing: Outgoing) -> None:
        ada = browser(await mailing.sign_up())
        await ask(mailing, ada)
        path = f"/delete-user/callback?token={token_in(outgoing)}"
        refused = await mailing.get(path)
        assert refused.status == 404
        assert refused.json()["code"] == "FAILED_TO_GET_USER_INFO"
        assert (await mailing.get(path, ada)).status == 200

    async def test_link_of_another_user_is_used_up(
        self, mailing: Service, outgoing: Outgoing
    ) -> None:
        ada, eve = browser(await mailing.sign_up()), browser(await mailing.sign_up(OTHER))
        await ask(mailing, ada)
        path = f"/delete-user/callback?token={token_in(outgoing)}"
        for caller in (eve, ada):
            refused = await mailing.get(path, caller)
            assert (refused.status, refused.json()) == (404, INVALID)
        assert sorted(await names(mailing)) == sorted([EMAIL, OTHER])

    @pytest.mark.engines("sqlite", "postgres")
    async def test_expired_link_is_refused(self, mailing: Service, outgoing: Outgoing) -> None:
        ada = browser(await mailing.sign_up())
        await ask(mailing, ada)
        await mailing.alter(verifications, expiresAt=from_now(seconds=-1))
        refused = await ask(mailing, ada, token=token_in(outgoing))
        assert (refused.status, refused.json()) == (404, INVALID)

    @pytest.mark.engines("sqlite", "postgres")
    async def test_one_of_many_parallel_uses_succeeds(
        self, mailing: Service, outgoing: Outgoing
    ) -> None:
        """PR #9993."""
        ada = browser(await mailing.sign_up())
        await ask(mailing, ada)
        token = token_in(outgoing)
        answers = await asyncio.gather(*(ask(mailing, ada, token=token) for _ in range(20)))
        assert [answer.status for answer in answers].count(200) == 1

    async def test_foreign_page_is_not_gone_to(self, mailing: Service, outgoing: Outgoing) -> None:
        ada = browser(await mailing.sign_up())
        await ask(mailing, ada)
        path = f"/delete-user/callback?token={token_in(outgoing)}&callbackURL=https://evil.example"
        refused = await mailing.get(path, ada)
        assert (refused.status, refused.json()["code"]) == (403, "INVALID_CALLBACK_URL")
        assert await names(mailing) == [EMAIL]

    async def test_link_must_hold_a_token(self, mailing: Service) -> None:
        refused = await mailing.get("/delete-user/callback")
        assert refused.json()["message"] == (
            "[query.token] Invalid input: expected string, received undefined"
        )


class TestDisabled:
    async def test_wish_is_answered_with_silence(self, database: Database) -> None:
        service = await serve(database)
        answer = await ask(service, browser(await service.sign_up()))
        assert (answer.status, answer.body) == (404, b"")
        assert answer.header("content-type") == "application/json"

    async def test_link_is_not_found(self, database: Database) -> None:
        service = await serve(database)
        answer = await service.get("/delete-user/callback?token=x")
        assert (answer.status, answer.json()) == (
            404,
            {"message": "Not found", "code": "NOT_FOUND"},
        )

    async def test_nobody_is_told_so_only_when_signed_in(self, database: Database) -> None:
        assert (await ask(await serve(database), [])).status == 401


async def test_deletion_works_through_a_real_mail_server(
    sqlite_database: Database, smtp_sink: Sink
) -> None:
    url = f"smtp://127.0.0.1:{smtp_sink.port}"
    mailer = open_mailer(Settings(secret=SECRET, smtp_url=url, mail_from="app@app.example"))
    assert mailer is not None
    service = await serve(sqlite_database, mailer=mailer, user=UserOptions(delete_user=MAILED))
    ada = browser(await service.sign_up())
    await ask(service, ada)
    [mail] = await smtp_sink.arrived()
    await mailer.close()
    part = mail.get_body(("plain",))
    assert part is not None
    link = urlsplit(link_in(part.get_content()))
    answer = await service.get(f"{link.path.removeprefix('/api/auth')}?{link.query}", ada)
    assert (answer.status, answer.header("location")) == (302, "/")
    assert await names(service) == []
