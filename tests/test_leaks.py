"""Nothing that opens a door is ever logged."""

import logging

import pytest

from app.database import Database
from app.models import accounts
from app.users.passwords import Passwords
from tests.service import JSON, PASSWORD, SECRET, Service, bearer, browser, cookies, serve

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
    """All that any handler could print of the records."""
    form = logging.Formatter()
    records = [record for record in caplog.records if record.levelno > logging.DEBUG]
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

    monkeypatch.setattr(Passwords, "matches", fail)
    answer = await service.sign_in()
    assert answer.status == 500
    assert list(answer.json()) == ["message", "code", "requestId"]
    assert b"nowhere" not in answer.body
    text = told(caplog)
    assert "nowhere" in text
    assert PASSWORD not in text
    assert answer.json()["requestId"] in text


async def test_secret_is_in_no_description_of_what_holds_it(database: Database) -> None:
    service = await serve(database)
    assert SECRET not in repr(service.app)
