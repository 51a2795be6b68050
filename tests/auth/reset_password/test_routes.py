import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete

from app.auth.users.users import Users
from app.auth.verifications.database import DatabaseVerifications
from app.mail.backends import open_mailer
from app.models.errors import StoreUnavailable
from app.settings.options import EmailAndPasswordOptions
from app.settings.settings import Settings
from app.storage.database import Database
from tests.support.asgi import Answer, Header, call, json_body
from tests.support.service import (
    EMAIL,
    JSON,
    ORIGIN,
    PASSWORD,
    SECRET,
    Service,
    bearer,
    from_now,
    serve,
)
from tests.support.smtp import Outgoing, Sink, link_in
from tests.support.tables import accounts, sessions, users, verifications

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

NEW = "a new password"
REQUESTED = {
    "status": True,
    "message": "If this email exists in our system, check your email for the reset link",
}
INVALID = {"message": "Invalid token", "code": "INVALID_TOKEN"}
BASE = "http://localhost:8000/api/auth"


@pytest.fixture
def outgoing() -> Outgoing:
    return Outgoing()


@pytest.fixture
async def service(database: Database, outgoing: Outgoing) -> Service:
    """One with a user, who can be sent mail."""
    made = await serve(database, mailer=outgoing)
    await made.sign_up()
    return made


async def ask(service: Service, email: str = EMAIL, **fields: object) -> Answer:
    return await service.post("/request-password-reset", {"email": email, **fields})


async def token_for(service: Service, outgoing: Outgoing) -> str:
    await ask(service)
    return urlsplit(outgoing.link()).path.rpartition("/")[2]


async def reset(service: Service, token: str, password: str = NEW) -> Answer:
    return await service.post("/reset-password", {"newPassword": password, "token": token})


async def opened(service: Service, token: str, query: str) -> str:
    answer = await service.get(f"/reset-password/{token}?{query}")
    assert answer.status == 302
    assert answer.body == b""
    return answer.header("location") or ""


class TestAsking:
    async def test_link_is_mailed(self, service: Service, outgoing: Outgoing) -> None:
        answer = await ask(service, EMAIL.upper(), redirectTo="/reset?a=1")
        assert (answer.status, answer.json()) == (200, REQUESTED)
        [message] = outgoing.messages
        assert message.to == EMAIL
        link = urlsplit(outgoing.link())
        path, _, token = link.path.rpartition("/")
        assert (link.netloc, path) == ("localhost:8000", "/api/auth/reset-password")
        assert (len(token), token.isalnum()) == (24, True)
        assert link.query == "callbackURL=%2Freset%3Fa%3D1"

    async def test_unknown_address_gets_the_same_answer(
        self, service: Service, outgoing: Outgoing
    ) -> None:
        answer = await ask(service, "nobody@example.com")
        assert (answer.status, answer.json()) == (200, REQUESTED)
        assert outgoing.messages == []

    @pytest.mark.engines("sqlite", "postgres")
    async def test_every_answer_takes_the_same_time(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waits: list[float] = []

        async def note(seconds: float) -> None:
            waits.append(seconds)

        monkeypatch.setattr("app.auth.equal_time.asyncio.sleep", note)
        monkeypatch.setattr("app.auth.reset_password.requests.SAME_TIME", 3600.0)
        await ask(service)
        await ask(service, "nobody@example.com")
        assert [round(wait / 60) for wait in waits] == [60, 60]

    async def test_answer_waits_for_no_write(
        self, service: Service, outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Under load a write is longer than the time that every answer takes."""
        go, put = asyncio.Event(), DatabaseVerifications.put

        async def put_late(*arguments: Any) -> None:
            await go.wait()
            await put(*arguments)

        monkeypatch.setattr(DatabaseVerifications, "put", put_late)
        body = json_body({"email": EMAIL})
        answer = await call(service.app, "POST", "/api/auth/request-password-reset", [JSON], body)
        assert (answer.status, answer.json(), outgoing.messages) == (200, REQUESTED, [])
        go.set()
        await service.background.finish()
        assert [message.to for message in outgoing.messages] == [EMAIL]

    @pytest.mark.engines("sqlite", "postgres")
    async def test_store_that_is_away_is_told_whoever_asks(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def away(*_: object) -> None:
            raise StoreUnavailable

        monkeypatch.setattr(Users, "find_by_email", away)
        for email in (EMAIL, "nobody@example.com"):
            assert (await ask(service, email)).status == 503

    @pytest.mark.engines("sqlite", "postgres")
    async def test_row_is_the_originals(self, service: Service, outgoing: Outgoing) -> None:
        token = await token_for(service, outgoing)
        [user] = await service.rows(users)
        [row] = await service.rows(verifications)
        assert row["identifier"] == f"reset-password:{token}"
        assert row["value"] == user["id"]
        assert from_now(minutes=59) < row["expiresAt"] < from_now(minutes=61)

    async def test_address_must_be_one(self, service: Service) -> None:
        answer = await ask(service, "nope")
        assert answer.status == 400
        assert answer.json()["message"] == "[body.email] Invalid email address"

    async def test_without_a_sender_it_is_disabled(self, database: Database) -> None:
        answer = await ask(await serve(database))
        assert answer.status == 400
        assert answer.json() == {
            "message": "Reset password isn't enabled",
            "code": "RESET_PASSWORD_DISABLED",
        }

    async def test_sender_can_be_turned_off(self, database: Database, outgoing: Outgoing) -> None:
        off = EmailAndPasswordOptions(send_reset_password=False)
        answer = await ask(await serve(database, mailer=outgoing, email_and_password=off))
        assert answer.json()["code"] == "RESET_PASSWORD_DISABLED"

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ([("origin", "https://evil.example")], 403),
            ([("referer", "https://evil.example/x")], 403),
            ([("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], 403),
            ([("origin", ORIGIN)], 200),
            ([], 200),
        ],
    )
    async def test_foreign_page_sends_no_mail(
        self, service: Service, headers: list[Header], status: int
    ) -> None:
        answer = await service.post("/request-password-reset", {"email": EMAIL}, headers)
        assert answer.status == status

    @pytest.mark.parametrize("name", ["host", "x-forwarded-host", "forwarded", "origin-host"])
    async def test_link_leads_to_the_base_url_whatever_a_request_says(
        self, service: Service, outgoing: Outgoing, name: str
    ) -> None:
        headers = [(name, "evil.example"), ("x-forwarded-proto", "https")]
        await service.post("/request-password-reset", {"email": EMAIL}, headers)
        assert outgoing.link().startswith(f"{BASE}/reset-password/")

    async def test_redirect_to_a_foreign_site_is_refused(
        self, service: Service, outgoing: Outgoing
    ) -> None:
        answer = await ask(service, redirectTo="https://evil.example")
        assert (answer.status, answer.json()["code"]) == (403, "INVALID_REDIRECT_URL")
        assert outgoing.messages == []


class TestOpening:
    async def test_good_token_is_passed_on(self, service: Service, outgoing: Outgoing) -> None:
        token = await token_for(service, outgoing)
        for _ in range(2):
            to = await opened(service, token, "callbackURL=%2Freset%3Fa%3D1")
            assert to == f"http://localhost:8000/reset?a=1&token={token}"

    async def test_trusted_site_is_gone_to(self, service: Service, outgoing: Outgoing) -> None:
        token = await token_for(service, outgoing)
        to = await opened(service, token, f"callbackURL={ORIGIN}/reset")
        assert to == f"{ORIGIN}/reset?token={token}"

    async def test_bad_token_is_told(self, service: Service) -> None:
        to = await opened(service, "nope", f"callbackURL={ORIGIN}/reset?x=1")
        assert to == f"{ORIGIN}/reset?x=1&error=INVALID_TOKEN"

    async def test_expired_token_is_told(self, service: Service, outgoing: Outgoing) -> None:
        token = await token_for(service, outgoing)
        await service.alter(verifications, expiresAt=from_now(seconds=-1))
        to = await opened(service, token, "callbackURL=/reset")
        assert to == "http://localhost:8000/reset?error=INVALID_TOKEN"

    async def test_without_a_page_it_ends_on_ours(
        self, service: Service, outgoing: Outgoing
    ) -> None:
        token = await token_for(service, outgoing)
        to = await opened(service, token, "callbackURL=")
        assert to == f"{BASE}/error?error=INVALID_TOKEN"

    async def test_page_must_be_named(self, service: Service) -> None:
        answer = await service.get("/reset-password/abc")
        assert answer.status == 400
        assert answer.json()["message"] == (
            "[query.callbackURL] Invalid input: expected string, received undefined"
        )

    @pytest.mark.parametrize(
        "url", ["https://evil.example", "//evil.example", "/%5Cevil.example", "javascript:x", "x"]
    )
    async def test_foreign_site_is_not_gone_to(self, service: Service, url: str) -> None:
        answer = await service.get(f"/reset-password/abc?callbackURL={url}")
        assert (answer.status, answer.json()["code"]) == (403, "INVALID_CALLBACK_URL")


class TestChoosing:
    async def test_new_password_signs_in_and_the_old_one_does_not(
        self, service: Service, outgoing: Outgoing
    ) -> None:
        answer = await reset(service, await token_for(service, outgoing))
        assert (answer.status, answer.json()) == (200, {"status": True})
        assert answer.header_list("set-cookie") == []
        assert (await service.sign_in(password=NEW)).status == 200
        assert (await service.sign_in(password=PASSWORD)).status == 401

    @pytest.mark.engines("sqlite", "postgres")
    async def test_token_is_good_once(self, service: Service, outgoing: Outgoing) -> None:
        token = await token_for(service, outgoing)
        await reset(service, token)
        again = await reset(service, token, "another password")
        assert (again.status, again.json()) == (400, INVALID)

    @pytest.mark.engines("sqlite", "postgres")
    async def test_one_of_many_parallel_uses_succeeds(
        self, service: Service, outgoing: Outgoing
    ) -> None:
        token = await token_for(service, outgoing)
        uses = (reset(service, token, f"password {n:02}") for n in range(20))
        answers = await asyncio.gather(*uses)
        assert sorted(answer.status for answer in answers) == [200] + [400] * 19
        winner = next(n for n, answer in enumerate(answers) if answer.status == 200)
        assert (await service.sign_in(password=f"password {winner:02}")).status == 200

    async def test_several_tokens_are_good(self, service: Service, outgoing: Outgoing) -> None:
        first, second = [await token_for(service, outgoing) for _ in range(2)]
        assert (await reset(service, second)).status == 200
        assert (await reset(service, first)).status == 200

    async def test_token_may_stand_in_the_query(self, service: Service, outgoing: Outgoing) -> None:
        token = await token_for(service, outgoing)
        answer = await service.post(f"/reset-password?token={token}", {"newPassword": NEW})
        assert answer.status == 200

    @pytest.mark.parametrize(
        ("password", "code"),
        [("short", "PASSWORD_TOO_SHORT"), ("l" * 129, "PASSWORD_TOO_LONG")],
    )
    async def test_unfit_password_leaves_the_token_good(
        self, service: Service, outgoing: Outgoing, password: str, code: str
    ) -> None:
        token = await token_for(service, outgoing)
        refused = await reset(service, token, password)
        assert (refused.status, refused.json()["code"]) == (400, code)
        assert (await reset(service, token)).status == 200

    @pytest.mark.parametrize("token", ["", "nope", "\0", "é", "x" * 10_000])
    async def test_unknown_token_is_refused(self, service: Service, token: str) -> None:
        answer = await reset(service, token)
        assert (answer.status, answer.json()) == (400, INVALID)

    async def test_expired_token_is_refused(self, service: Service, outgoing: Outgoing) -> None:
        token = await token_for(service, outgoing)
        await service.alter(verifications, expiresAt=from_now(seconds=-1))
        assert (await reset(service, token)).json() == INVALID

    async def test_token_expires_when_the_settings_say(
        self, database: Database, outgoing: Outgoing
    ) -> None:
        policy = EmailAndPasswordOptions(reset_password_token_expires_in=60)
        service = await serve(database, mailer=outgoing, email_and_password=policy)
        await service.sign_up()
        await token_for(service, outgoing)
        [row] = await service.rows(verifications)
        assert row["expiresAt"] < from_now(seconds=61)

    async def test_two_tokens_in_one_query_are_no_text(self, service: Service) -> None:
        answer = await service.post("/reset-password?token=a&token=b", {"newPassword": NEW})
        assert answer.json()["message"] == (
            "[query.token] Invalid input: expected string, received array"
        )

    @pytest.mark.engines("sqlite", "postgres")
    async def test_user_without_a_password_gets_one(
        self, service: Service, outgoing: Outgoing
    ) -> None:
        async with service.database.begin() as tx:
            await tx.execute(delete(accounts))
        assert (await reset(service, await token_for(service, outgoing))).status == 200
        assert (await service.sign_in(password=NEW)).status == 200

    async def test_deleted_user_is_told(self, service: Service, outgoing: Outgoing) -> None:
        token = await token_for(service, outgoing)
        async with service.database.begin() as tx:
            await tx.execute(delete(users))
        answer = await reset(service, token)
        assert (answer.status, answer.json()["code"]) == (400, "USER_NOT_FOUND")

    async def test_sessions_go_on(self, service: Service, outgoing: Outgoing) -> None:
        await reset(service, await token_for(service, outgoing))
        assert len(await service.rows(sessions)) == 1

    async def test_sessions_can_be_ended(self, database: Database, outgoing: Outgoing) -> None:
        policy = EmailAndPasswordOptions(revoke_sessions_on_password_reset=True)
        service = await serve(database, mailer=outgoing, email_and_password=policy)
        signed_up = await service.sign_up()
        await service.sign_up("other@example.com")
        await reset(service, await token_for(service, outgoing))
        assert len(await service.rows(sessions)) == 1
        session = await service.get("/get-session", bearer(signed_up.json()["token"]))
        assert session.json() is None


async def test_reset_works_through_a_real_mail_server(
    sqlite_database: Database, smtp_sink: Sink
) -> None:
    url = f"smtp://127.0.0.1:{smtp_sink.port}"
    mailer = open_mailer(Settings(secret=SECRET, smtp_url=url, mail_from="App <app@app.example>"))
    assert mailer is not None
    service = await serve(sqlite_database, mailer=mailer)
    await service.sign_up()
    await ask(service, redirectTo="/reset")
    [mail] = await smtp_sink.arrived()
    await mailer.close()
    part = mail.get_body(("plain",))
    assert part is not None
    link = urlsplit(link_in(part.get_content()))
    answer = await service.get(f"{link.path.removeprefix('/api/auth')}?{link.query}")
    token = (answer.header("location") or "").partition("token=")[2]
    assert (await reset(service, token)).status == 200
    assert (await service.sign_in(password=NEW)).status == 200


async def test_mail_server_that_is_down_delays_nothing(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture, free_tcp_port: int
) -> None:
    mailer = open_mailer(
        Settings(secret=SECRET, smtp_url=f"smtp://127.0.0.1:{free_tcp_port}", mail_from="a@b.co")
    )
    assert mailer is not None
    service = await serve(sqlite_database, mailer=mailer)
    await service.sign_up()
    assert (await ask(service)).status == 200
    await mailer.close()
    [row] = await service.rows(verifications)
    assert "mail not sent" in caplog.text
    assert row["identifier"].partition(":")[2] not in caplog.text
