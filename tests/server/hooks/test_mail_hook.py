"""A function sends the mails, in place of SMTP."""

import asyncio

import pytest

from app import HookRefusal, HookRegistry, Message
from app.mail.outbox import Outbox
from app.server.hooks.mail_delivery import find_hook_mailer
from app.storage.database import Database
from tests.support.logged import Lines
from tests.support.service import serve

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]
MESSAGE = Message("ada@example.com", "Hi", "Open it", "<p>Open it</p>", "reset-password")


@pytest.fixture
def hooks() -> HookRegistry:
    return HookRegistry()


@pytest.mark.parametrize("is_async", [True, False])
async def test_function_gets_all_that_a_provider_needs(
    database: Database, hooks: HookRegistry, is_async: bool
) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    if is_async:
        hooks.send_mail(send)
    else:
        hooks.send_mail(sent.append)
    service = await serve(database, hooks=hooks)
    user_id = (await service.sign_up()).json()["user"]["id"]
    body = {"email": "ada@example.com", "redirectTo": "/reset"}
    assert (await service.post("/request-password-reset", body)).status == 200
    assert isinstance(service.mailer, Outbox)
    await _drain(service.mailer)
    (message,) = sent
    assert (message.kind, message.to) == ("reset-password", "ada@example.com")
    assert message.user is not None
    assert message.user.id == user_id
    assert message.link is not None
    assert message.link.startswith("http://localhost:8000/api/auth/reset-password/")
    assert message.link in message.text
    assert "<" in message.html
    assert message.subject
    assert message.values["lifetime"] == "1 hour"
    assert message.link not in repr(message)
    assert message.to not in repr(message)


async def test_failure_is_tried_again_and_a_refusal_is_not(
    hooks: HookRegistry, log: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[str] = []

    @hooks.send_mail
    async def send(message: Message) -> None:
        attempts.append(message.subject)
        if message.subject == "Bye":
            raise HookRefusal("GONE", "ada@example.com does not exist")
        if len(attempts) == 1:
            raise ConnectionError("https://mail.example.com/secret is down")

    mailer = find_hook_mailer(hooks.places)
    assert isinstance(mailer, Outbox)
    monkeypatch.setattr(mailer, "_waits", [0.0, 0.0])
    mailer.send(MESSAGE)
    await _drain(mailer)
    mailer.send(Message("ada@example.com", "Bye", "t", "h", "reset-password"))
    await _drain(mailer)
    assert attempts == ["Hi", "Hi", "Bye"]
    lines = [each for each in log() if each.get("message", "").startswith("mail ")]
    said = ["mail not sent yet", "mail sent", "mail not sent"]
    assert [line["message"] for line in lines] == said
    assert lines[0]["reason"] == "ConnectionError: [link] is down"
    assert lines[2]["reason"] == "[address] does not exist"


def test_without_the_hook_there_is_no_mailer(hooks: HookRegistry) -> None:
    assert find_hook_mailer(hooks.places) is None


async def _drain(mailer: Outbox) -> None:
    await asyncio.wait_for(asyncio.gather(*mailer._waiting), 5)
