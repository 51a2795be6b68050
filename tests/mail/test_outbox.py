import asyncio

import pytest

from app.mail import outbox
from app.mail.mailer import Message
from app.mail.outbox import DeliveryFailed, Outbox

pytestmark = pytest.mark.anyio

LINK = "http://localhost:8000/reset-password/sEcReT"
LETTER = Message("ada@example.com", "Reset", f"Open {LINK}", f"<a href='{LINK}'>")


class Server:
    """Fails with `faults` in turn, then takes what comes; with `hangs` it takes nothing."""

    def __init__(self, *faults: DeliveryFailed, hangs: bool = False) -> None:
        self.faults = list(faults)
        self.hangs = hangs
        self.tries = 0
        self.taken: list[Message] = []
        self.tried = asyncio.Event()
        self.took = asyncio.Event()

    async def __call__(self, message: Message) -> None:
        self.tries += 1
        self.tried.set()
        if self.hangs:
            await asyncio.Event().wait()
        if self.faults:
            raise self.faults.pop(0)
        self.taken.append(message)
        self.took.set()


def down(*, final: bool = False) -> DeliveryFailed:
    return DeliveryFailed(f"550 no\nto {LINK}", final=final)


async def settled(box: Outbox) -> None:
    """Returns when nothing is waiting, as far as that can come about by itself."""
    _, left = await asyncio.wait(box._waiting, timeout=5)
    assert not left


async def test_sending_returns_at_once() -> None:
    server = Server(hangs=True)
    Outbox(server).send(LETTER)
    assert server.tries == 0
    await server.tried.wait()


async def test_message_is_tried_again() -> None:
    server = Server(down(), down())
    box = Outbox(server, waits=(0, 0, 0))
    box.send(LETTER)
    await settled(box)
    assert server.taken == [LETTER]


async def test_attempts_end_with_one_line_that_tells_no_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = Server(*(down() for _ in range(9)))
    box = Outbox(server, waits=(0, 0))
    box.send(LETTER)
    await settled(box)
    assert server.tries == 3
    assert caplog.messages == ["mail to 'ada@example.com' not delivered: 550 no to [link]"]


async def test_final_refusal_is_not_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    server = Server(down(final=True))
    box = Outbox(server, waits=(0, 0))
    box.send(LETTER)
    await settled(box)
    assert server.tries == 1
    assert len(caplog.messages) == 1


async def test_outbox_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    box = Outbox(Server(hangs=True), capacity=3)
    for _ in range(5):
        box.send(LETTER)
    full = "mail to 'ada@example.com' not delivered: too many are waiting"
    assert caplog.messages == [full] * 2


async def test_few_connections_are_open_at_once() -> None:
    server = Server(hangs=True)
    box = Outbox(server)
    for _ in range(20):
        box.send(LETTER)
    await server.tried.wait()
    await asyncio.sleep(0)
    assert server.tries == outbox.AT_ONCE


async def test_waiting_for_a_retry_holds_up_no_other_message() -> None:
    server = Server(*(down() for _ in range(outbox.AT_ONCE)))
    box = Outbox(server, waits=(3600,))
    for _ in range(outbox.AT_ONCE + 1):
        box.send(LETTER)
    await asyncio.wait_for(server.took.wait(), 5)


async def test_closing_delivers_what_waits() -> None:
    server = Server(down())
    box = Outbox(server, waits=(3600,))
    box.send(LETTER)
    await server.tried.wait()
    await box.close()
    assert server.taken == [LETTER]


async def test_closing_delivers_what_was_just_sent() -> None:
    server = Server()
    box = Outbox(server)
    box.send(LETTER)
    await box.close()
    assert server.taken == [LETTER]


async def test_closing_tells_what_is_left(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "GRACE", 0.01)
    box = Outbox(Server(hangs=True))
    box.send(LETTER)
    box.send(LETTER)
    await box.close()
    stopped = "mail to 'ada@example.com' not delivered: the service was stopped"
    assert caplog.messages == [stopped] * 2


async def test_forged_address_forges_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    Outbox(Server(), capacity=0).send(Message("a@b.co\nERROR all is lost", "s", "t", "h"))
    assert "\n" not in caplog.messages[0]
