import asyncio

import pytest
from msgspec import structs

from app.mail import outbox
from app.mail.mailer import Message
from app.mail.outbox import DeliveryFailed, Outbox
from app.models.records import ADA
from app.models.telemetry.log_context import begin_request
from tests.support.logged import Lines

pytestmark = pytest.mark.anyio

LINK = "http://localhost:8000/reset-password/sEcReT"
REASON = "550 no to [link] <[address]> or [address]"
LATER = ("warning", "mail not sent yet", REASON)
RECIPIENT = structs.replace(ADA, id="user-1")
ABOUT = ("reset-password", RECIPIENT)
LETTER = Message("ada@example.com", "Reset", f"Open {LINK}", f"<a href='{LINK}'>", *ABOUT)


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
    said = f"550 no\nto {LINK}, <ada@example.com> or ada+x@example.com"
    return DeliveryFailed(said, final=final)


def told(lines: Lines) -> list[tuple[str, str, str | None]]:
    """Level, words and reason of each line, which all have the kind and the user."""
    found = lines()
    assert {(line["kind"], line["user"]) for line in found} <= {("reset-password", "user-1")}
    return [(line["level"], line["message"], line.get("reason")) for line in found]


async def settled(box: Outbox) -> None:
    """Returns when nothing is waiting, as far as that can come about by itself."""
    _, left = await asyncio.wait(box._waiting, timeout=5)
    assert not left


async def test_sending_returns_at_once() -> None:
    server = Server(hangs=True)
    Outbox(server).send(LETTER)
    assert server.tries == 0
    await server.tried.wait()


async def test_message_is_tried_again(log: Lines) -> None:
    server = Server(down(), down())
    box = Outbox(server, waits=(0, 0, 0))
    box.send(LETTER)
    await settled(box)
    assert server.taken == [LETTER]
    assert told(log) == [LATER, LATER, ("info", "mail sent", None)]


async def test_lines_have_the_id_of_the_request_that_sent_it(log: Lines) -> None:
    box = Outbox(Server(down()), waits=(0,))
    begin_request("abc")
    box.send(LETTER)
    begin_request("another")
    await settled(box)
    assert [line["request_id"] for line in log()] == ["abc", "abc"]


async def test_attempts_end_with_one_error_that_tells_no_secret(log: Lines) -> None:
    server = Server(*(down() for _ in range(9)))
    box = Outbox(server, waits=(0, 0))
    box.send(LETTER)
    await settled(box)
    assert server.tries == 3
    assert told(log) == [LATER, LATER, ("error", "mail not sent", REASON)]


async def test_final_refusal_is_not_tried_again(log: Lines) -> None:
    server = Server(down(final=True))
    box = Outbox(server, waits=(0, 0))
    box.send(LETTER)
    await settled(box)
    assert server.tries == 1
    assert told(log) == [("error", "mail not sent", REASON)]


async def test_outbox_is_bounded(log: Lines) -> None:
    box = Outbox(Server(hangs=True), capacity=3)
    for _ in range(5):
        box.send(LETTER)
    assert told(log) == [("error", "mail not sent", "too many are waiting")] * 2


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


async def test_closing_tells_what_is_left(log: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "GRACE", 0.01)
    box = Outbox(Server(hangs=True))
    box.send(LETTER)
    box.send(LETTER)
    await box.close()
    assert told(log) == [("error", "mail not sent", "the service was stopped")] * 2


async def test_code_that_a_server_repeats_is_not_logged(log: Lines) -> None:
    refused = DeliveryFailed("550 spam: your code 123456 looks odd", final=True)
    box = Outbox(Server(refused), waits=())
    box.send(Message("ada@example.com", "Code", "Enter it:\n\n123456\n\nBye", "", *ABOUT))
    await settled(box)
    ((_, _, reason),) = told(log)
    assert reason == "550 spam: your code [code] looks odd"
