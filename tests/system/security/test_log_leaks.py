"""Nothing that opens a door is ever logged."""

import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from app.auth.passwords.hashing import Passwords
from app.mail.backends import open_mailer
from app.settings.options import ChangeEmailOptions, DeleteUserOptions, UserOptions
from app.settings.settings import Settings
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.logged import Lines
from tests.support.redis import RedisServer
from tests.support.service import (
    EMAIL,
    JSON,
    PASSWORD,
    SECRET,
    Service,
    bearer,
    browser,
    cookies,
    serve,
)
from tests.support.smtp import Outgoing, Sink
from tests.support.tables import accounts, users

pytestmark = pytest.mark.anyio


async def visit(service: Service) -> list[str]:
    """Every flow once, good and bad; what must never be told."""
    signed_up, signed_in = await service.sign_up(), await service.sign_in()
    token = (await service.get("/token", browser(signed_up))).json()["token"]
    current = await service.get("/get-session?token=query-token", bearer(signed_in.json()["token"]))
    await service.sign_up()
    await service.sign_up("eve@example.com\r\nforged line", name="a\0b")
    await service.sign_in(password="wrong-password")
    await service.post("/sign-in/email", b'{"password":"broken-password"', [JSON])
    await service.get("/get-session", bearer("unknown-token"))
    await service.get("/reset-password/path-token")
    await service.post("/sign-out", {}, browser(signed_up))
    return [
        SECRET,
        EMAIL,
        "eve@example.com",
        PASSWORD,
        "wrong-password",
        "broken-password",
        "unknown-token",
        "query-token",
        "path-token",
        "forged line",
        token,
        current.header("set-auth-jwt") or "",
        *(answer.json()["token"] for answer in (signed_up, signed_in)),
        *(cookies(answer).partition("=")[2] for answer in (signed_up, signed_in)),
        *(account["password"] for account in await service.rows(accounts)),
    ]


def told(caplog: pytest.LogCaptureFixture) -> str:
    """All that any handler could print of the records; not those of the tests' mail server."""
    form = logging.Formatter()
    ours = [record for record in caplog.records if record.name != "mail.log"]
    records = [record for record in ours if record.levelno > logging.DEBUG]
    return "\n".join(form.format(record) + repr(record.__dict__) for record in records)


async def test_no_log_record_holds_a_password_a_token_a_cookie_or_the_secret(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    secrets = await visit(await serve(database))
    text = told(caplog)
    assert "/sign-in/email" in text
    assert [secret for secret in secrets if secret in text] == []


async def test_unforeseen_fault_tells_neither_the_client_nor_the_log_what_was_sent(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database)
    await service.sign_up()

    async def fail(*arguments: object) -> bool:
        await service.execute("INSERT INTO nowhere VALUES (:password)", password=PASSWORD)
        return True

    monkeypatch.setattr(Passwords, "verify", fail)
    answer = await service.sign_in()
    assert answer.status == 500
    assert list(answer.json()) == ["message", "code", "requestId"]
    assert b"nowhere" not in answer.body
    text = told(caplog)
    assert "nowhere" in text
    assert PASSWORD not in text
    assert answer.json()["requestId"] in text


async def test_traceback_tells_no_value_of_the_row_that_the_database_refused(
    database: Database, log: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database)
    await service.sign_up()

    async def fail(*_arguments: object) -> bool:
        await service.execute(
            'INSERT INTO "user" ("id", "name", "email", "emailVerified", "createdAt", "updatedAt")'
            ' SELECT \'x\', "name", "email", "emailVerified", "createdAt", "updatedAt" FROM "user"'
        )
        return True

    monkeypatch.setattr(Passwords, "verify", fail)
    assert (await service.sign_in()).status == 500
    (fault,) = [line for line in log() if line["level"] == "error" and "trace" in line]
    assert "IntegrityError" in fault["trace"]
    assert EMAIL not in fault["trace"]


async def test_name_of_two_lines_forges_no_line_of_the_log(
    postgres_database: Database, log: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL tells the whole row, with the line breaks of its values."""
    service = await serve(postgres_database)
    await service.sign_up(name="Ada\nforged line\n[SQL: ]\n\nlast line")
    statement = 'ALTER TABLE "user" ADD CONSTRAINT "odd" CHECK (id = \'\') NOT VALID'
    await service.execute(statement)

    async def fail(*_arguments: object) -> bool:
        await service.alter(users, emailVerified=True)
        return True

    monkeypatch.setattr(Passwords, "verify", fail)
    assert (await service.sign_in()).status == 500
    (fault,) = [line for line in log() if line["level"] == "error" and "trace" in line]
    assert "DETAIL: [values]\n" in fault["trace"]
    for value in ("forged line", "last line", EMAIL):
        assert value not in fault["trace"]


async def test_secret_is_in_no_description_of_what_holds_it(database: Database) -> None:
    service = await serve(database)
    assert SECRET not in repr(service.app)


MAILS = UserOptions(
    delete_user=DeleteUserOptions(enabled=True, send_delete_account_verification=True),
    change_email=ChangeEmailOptions(enabled=True, send_change_email_confirmation=True),
)


async def mailed(service: Service, outgoing: Outgoing) -> list[str]:
    """Every kind of mail, each link opened well and badly; the tokens, and what else is secret."""
    ada = browser(await service.sign_up())
    await service.alter(users, emailVerified=False)
    new = {"newPassword": "another-password"}
    await service.post("/request-password-reset", {"email": EMAIL})
    reset = urlsplit(outgoing.link()).path.rpartition("/")[2]
    await service.get(f"/reset-password/{reset}?callbackURL=/x")
    for token in (reset, reset):
        await service.post(f"/reset-password?token={token}", new)
    await service.post("/send-verification-email", {"email": EMAIL})
    verify = parse_qs(urlsplit(outgoing.link()).query)["token"][0]
    for token in (f"{verify}x", verify):
        await service.get(f"/verify-email?token={token}&callbackURL=/x")
    await service.post("/change-email", {"newEmail": "new@example.com"}, ada)
    change = parse_qs(urlsplit(outgoing.link()).query)["token"][0]
    await service.get(f"/verify-email?token={change}")
    await service.post("/delete-user", {}, ada)
    delete = parse_qs(urlsplit(outgoing.link()).query)["token"][0]
    await service.get(f"/delete-user/callback?token={delete}")
    await service.post("/delete-user", {"token": delete}, ada)
    return [SECRET, EMAIL, "new@example.com", "another-password", reset, verify, change, delete]


@pytest.mark.parametrize("in_redis", [False, True])
async def test_no_log_record_holds_what_a_mailed_link_carries(
    database: Database,
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
    *,
    in_redis: bool,
) -> None:
    caplog.set_level(logging.INFO)
    url = request.getfixturevalue("redis_url") if in_redis else ""
    storage, outgoing = RedisStorage.open(url) if url else None, Outgoing()
    service = await serve(database, mailer=outgoing, storage=storage, user=MAILS)
    secrets = await mailed(service, outgoing)
    if storage is not None:
        await storage.close()
    text = told(caplog)
    assert "/reset-password/{token}" in text
    assert [secret for secret in secrets if secret in text] == []


@pytest.mark.parametrize(
    "refused_with", ["550 no <ada@example.com>: {link}", "550-{link}\r\n550 no"]
)
async def test_no_log_record_holds_the_link_of_a_mail_that_is_refused(
    sqlite_database: Database,
    smtp_sink: Sink,
    caplog: pytest.LogCaptureFixture,
    refused_with: str,
) -> None:
    """Filters of spam like to say which link they did not, and servers whom they don't know."""
    caplog.set_level(logging.INFO)
    settings = Settings(
        secret=SECRET, smtp_url=f"smtp://127.0.0.1:{smtp_sink.port}", mail_from="a@b.co"
    )
    mailer = open_mailer(settings)
    assert mailer is not None
    service = await serve(sqlite_database, mailer=mailer)
    await service.sign_up()
    link = "http://localhost:8000/api/auth/reset-password/a-token-of-a-link?callbackURL="
    smtp_sink.answers.append(refused_with.format(link=link))
    await service.post("/request-password-reset", {"email": EMAIL})
    await mailer.close()
    text = told(caplog)
    assert "mail not sent" in text
    assert "a-token-of-a-link" not in text
    assert EMAIL not in text


async def test_no_log_record_holds_a_token_while_redis_is_away(
    sqlite_database: Database, stoppable_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    storage, outgoing = RedisStorage.open(stoppable_redis.url), Outgoing()
    service = await serve(sqlite_database, mailer=outgoing, storage=storage)
    session = (await service.sign_up()).json()["token"]
    await service.post("/request-password-reset", {"email": EMAIL})
    reset = urlsplit(outgoing.link()).path.rpartition("/")[2]
    stoppable_redis.stop()
    new = {"newPassword": "another-password", "token": reset}
    answers = [
        await service.get("/get-session", bearer(session)),
        await service.get(f"/reset-password/{reset}?callbackURL=/x"),
        await service.post("/reset-password", new),
        await service.sign_in(),
    ]
    await storage.close()
    assert [answer.status for answer in answers] == [503] * 4
    text = told(caplog)
    assert "store cannot be used" in text
    assert [each for each in (session, reset, "another-password") if each in text] == []
