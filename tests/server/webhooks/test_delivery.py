"""What waits is sent: in order for each user, at least once, by one process at a time."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text, update

from app.auth.webhooks import turn
from app.auth.webhooks.queue import TRIED_FOR, WebhookQueue
from app.auth.webhooks.table import webhook_events, webhook_turn
from app.auth.webhooks.turn import DeliveryTurn
from app.models.clock import now, to_iso
from app.server.webhooks import backoff, delivery
from app.server.webhooks.backoff import IN_A_ROW
from app.server.webhooks.delivery import LANES, WebhookDelivery
from app.server.webhooks.sender import WebhookSender
from app.server.webhooks.signatures import WebhookSigner
from app.storage.database import Database
from tests.support.logged import Lines
from tests.support.metrics import recording
from tests.support.tables import TABLES
from tests.support.webhooks import SECRET, Received, Receiver, Reply, add_event, read_queue

pytestmark = pytest.mark.anyio

SECONDS = 10  # a loaded machine is slow


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of hundredths of a second, but for a pause that the receiver asks for."""
    monkeypatch.setattr(backoff, "_FIRST", 0.05)
    monkeypatch.setattr(delivery, "_POLL", 0.05)
    monkeypatch.setattr(delivery, "_TAKEN", 0.1)
    monkeypatch.setattr(delivery, "_AFTER_FAULT", 0.1)


class Node:
    """What one process delivers with."""

    def __init__(self, database: Database, url: str) -> None:
        self.added = asyncio.Event()
        self.turn = DeliveryTurn(database, TABLES)
        self.queue = WebhookQueue(database, TABLES)
        signer = WebhookSigner([SECRET])
        own = WebhookSender(url, signer, allow_private=True, connections=LANES)
        self.delivery = WebhookDelivery(self.queue, self.turn, own, self.added)


@asynccontextmanager
async def delivering(database: Database, receiver: Receiver) -> AsyncIterator[Node]:
    node = Node(database, receiver.url)
    task = asyncio.create_task(node.delivery.run())
    try:
        yield node
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110 - threads and other tasks make it hold
            await asyncio.sleep(0.01)


async def until_queue(database: Database, matches: Callable[[list[dict[str, Any]]], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not matches(await read_queue(database)):  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.02)


async def until_empty(database: Database) -> None:
    await until_queue(database, lambda rows: not rows)


def ids(receiver: Receiver) -> list[str]:
    return [each.id for each in list(receiver.received)]


async def test_events_of_a_user_arrive_once_in_order_and_leave_the_outbox(
    webhook_database: Database, receiver: Receiver
) -> None:
    added = [await add_event(webhook_database) for _ in range(25)]
    async with delivering(webhook_database, receiver):
        await until_empty(webhook_database)
    assert ids(receiver) == added
    assert [each["type"] for each in receiver.events] == ["user.updated"] * 25


async def test_failure_holds_up_its_user_and_nobody_else(
    webhook_database: Database, receiver: Receiver
) -> None:
    stuck = [await add_event(webhook_database, "ada") for _ in range(3)]
    others = [await add_event(webhook_database, name) for name in ("eve", "bob")]
    is_up = False

    def reply(received: Received) -> Reply:
        return Reply(200 if is_up or received.id not in stuck else 500)

    receiver.reply = reply
    async with delivering(webhook_database, receiver):
        await until(lambda: set(others) < set(ids(receiver)) and ids(receiver).count(stuck[0]) > 1)
        assert not {stuck[1], stuck[2]} & set(ids(receiver))
        is_up = True
        await until_empty(webhook_database)
    assert list(dict.fromkeys(each for each in ids(receiver) if each in stuck)) == stuck


async def test_event_that_is_added_behind_a_failure_waits_for_it(
    webhook_database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "_FIRST", 60)
    receiver.reply = lambda _: Reply(500)
    first = await add_event(webhook_database)
    async with delivering(webhook_database, receiver):
        await until(lambda: ids(receiver) == [first])
        await add_event(webhook_database)
        await until_queue(webhook_database, lambda rows: len({row["due_at"] for row in rows}) == 1)
    assert ids(receiver) == [first]


async def test_event_that_failed_for_three_days_is_kept_and_the_next_one_is_sent(
    webhook_database: Database, receiver: Receiver, log: Lines
) -> None:
    dead = await add_event(webhook_database, at=now() - TRIED_FOR - timedelta(seconds=1))
    young = await add_event(webhook_database)
    receiver.reply = lambda received: Reply(500 if received.id == dead else 200)
    async with delivering(webhook_database, receiver):
        await until(lambda: young in ids(receiver))
    (kept,) = await read_queue(webhook_database)
    assert (kept["message_id"], kept["attempts"], kept["reason"]) == (dead, 1, "status 500")
    assert kept["dead_at"] is not None
    (line,) = [each for each in log() if each.get("message") == "webhook given up"]
    assert (line["webhook"], line["event"], line["user"]) == (dead, "user.updated", "ada")


async def test_event_that_was_given_up_is_sent_when_an_operator_says_so(
    webhook_database: Database, receiver: Receiver
) -> None:
    given_up = await add_event(webhook_database)
    queue = WebhookQueue(webhook_database, TABLES)
    assert await queue.skip([given_up, "msg_unknown"]) == 1
    async with delivering(webhook_database, receiver):
        later = await add_event(webhook_database)
        await until(lambda: ids(receiver) == [later])
        assert await queue.retry([given_up]) == 1
        await until_empty(webhook_database)
    assert ids(receiver) == [later, given_up]


async def test_two_processes_send_each_event_once(
    webhook_database: Database, receiver: Receiver
) -> None:
    async with (
        delivering(webhook_database, receiver) as one,
        delivering(webhook_database, receiver) as other,
    ):
        added = [await add_event(webhook_database, f"user {number}") for number in range(40)]
        await until_empty(webhook_database)
        assert [one.turn.is_held, other.turn.is_held].count(True) == 1
    assert sorted(ids(receiver)) == sorted(added)


async def test_other_process_goes_on_when_one_ends(
    webhook_database: Database, receiver: Receiver
) -> None:
    async with delivering(webhook_database, receiver) as one:
        await add_event(webhook_database)
        await until(lambda: one.turn.is_held)
    start = time.monotonic()
    async with delivering(webhook_database, receiver):
        last = await add_event(webhook_database)
        await until(lambda: last in ids(receiver))
    assert time.monotonic() - start < turn.LASTS / 2


async def test_turn_of_a_process_that_died_ends(
    webhook_database: Database, receiver: Receiver
) -> None:
    ends = now() + timedelta(seconds=0.7)
    row = {"id": 1, "holder": "dead", "until": to_iso(ends)}
    async with webhook_database.begin() as tx:
        await tx.execute(insert(webhook_turn), row)
    await add_event(webhook_database)
    async with delivering(webhook_database, receiver):
        await asyncio.sleep(0.3)
        assert receiver.received == []
        await until_empty(webhook_database)
    assert now() > ends


async def test_process_that_lost_its_turn_sends_nothing_more(
    webhook_database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "LASTS", 0.3)
    monkeypatch.setattr(turn, "RENEWED_AFTER", 0.0)
    receiver.reply = lambda _: Reply(seconds=0.2)
    for _ in range(10):
        await add_event(webhook_database)
    async with delivering(webhook_database, receiver):
        await until(lambda: len(receiver.received) > 1)
        async with webhook_database.begin() as tx:
            later = to_iso(now() + timedelta(hours=1))
            await tx.execute(update(webhook_turn).values(holder="another", until=later))
        await asyncio.sleep(0.6)
        count = len(receiver.received)
        await asyncio.sleep(0.5)
    assert len(receiver.received) == count < 10


async def test_pause_that_the_receiver_asks_for_holds_up_everybody(
    webhook_database: Database, receiver: Receiver, log: Lines
) -> None:
    receiver.reply = lambda _: Reply(503, {"retry-after": "60"})
    await add_event(webhook_database)
    async with delivering(webhook_database, receiver) as node:
        await until(lambda: node.turn.paused_until is not None)
        await add_event(webhook_database, "eve")
        await asyncio.sleep(0.3)
        assert len(receiver.received) == 1
    async with delivering(webhook_database, receiver) as other:  # it is remembered
        await asyncio.sleep(0.3)
        assert len(receiver.received) == 1
        receiver.reply = lambda _: Reply()
        assert await other.queue.retry(None) == 2
    async with delivering(webhook_database, receiver):
        await until_empty(webhook_database)
    (line,) = [each for each in log() if each.get("message") == "webhooks paused"]
    assert (line["seconds"], line["reason"]) == (60, "status 503")


async def test_receiver_that_is_down_is_not_asked_for_every_user(
    webhook_database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "_FIRST", 60)
    receiver.reply = lambda _: Reply(500)
    for number in range(IN_A_ROW + 3 * LANES):
        await add_event(webhook_database, f"user {number}")
    async with delivering(webhook_database, receiver):
        await until(lambda: len(receiver.received) >= IN_A_ROW)
        await asyncio.sleep(0.3)
    assert len(receiver.received) < IN_A_ROW + LANES


async def test_many_users_are_served_at_once_but_not_too_many(
    webhook_database: Database, receiver: Receiver
) -> None:
    receiver.reply = lambda _: Reply(seconds=0.05)
    for number in range(4 * LANES):
        await add_event(webhook_database, f"user {number}")
    async with delivering(webhook_database, receiver):
        await until_empty(webhook_database)
    assert 1 < receiver.most_at_once <= LANES


async def test_request_that_runs_at_the_end_is_noted(
    webhook_database: Database, receiver: Receiver
) -> None:
    receiver.reply = lambda _: Reply(seconds=0.3)
    added = [await add_event(webhook_database) for _ in range(3)]
    async with delivering(webhook_database, receiver):
        await until(lambda: len(receiver.received) == 1)
    assert [row["message_id"] for row in await read_queue(webhook_database)] == added[1:]


async def test_request_that_takes_too_long_at_the_end_is_sent_again(
    webhook_database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "GRACE", 0.1)
    receiver.reply = lambda _: Reply(seconds=1)
    added = await add_event(webhook_database)
    async with delivering(webhook_database, receiver):
        await until(lambda: len(receiver.received) == 1)
    receiver.reply = lambda _: Reply()
    async with delivering(webhook_database, receiver):
        await until_empty(webhook_database)
    assert ids(receiver) == [added, added]


async def test_event_of_this_process_is_sent_at_once(
    webhook_database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "_POLL", 3600)
    async with delivering(webhook_database, receiver) as node:
        await asyncio.sleep(0.05)
        await add_event(webhook_database)
        node.added.set()
        start = time.monotonic()
        await until(lambda: bool(receiver.received))
    assert time.monotonic() - start < 2


async def test_store_that_cannot_be_used_is_asked_again(
    webhook_database: Database, receiver: Receiver, log: Lines
) -> None:
    async with webhook_database.begin() as tx:
        await tx.execute(text("ALTER TABLE better_auth_webhook_turn RENAME TO elsewhere"))
    await add_event(webhook_database)
    async with delivering(webhook_database, receiver):
        await until(lambda: any(e.get("message") == "webhooks not delivered" for e in log()))
        assert receiver.received == []
        async with webhook_database.begin() as tx:
            await tx.execute(text("ALTER TABLE elsewhere RENAME TO better_auth_webhook_turn"))
        await until_empty(webhook_database)


@pytest.mark.engines("sqlite")
async def test_attempts_and_what_waits_are_counted(
    webhook_database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "_FIRST", 60)
    receiver.reply = lambda received: Reply(500 if b"deleted" in received.body else 200)
    with recording() as recorded:
        await add_event(webhook_database, event="user.created")
        await add_event(webhook_database, "eve", "user.deleted", now() - timedelta(minutes=5))
        async with delivering(webhook_database, receiver):
            await until(lambda: len(receiver.received) == 2)
            await until(lambda: recorded.get("webhooks_waiting") == 2)
            assert 300 <= (recorded.get("webhooks_oldest_seconds") or 0) < 400
            await until(
                lambda: (
                    recorded.series("webhooks_total")
                    == {("user.created", "delivered"): 1, ("user.deleted", "failed"): 1}
                )
            )
        assert recorded.get("webhooks_waiting") == 0


async def test_no_line_has_what_an_event_tells(
    webhook_database: Database, receiver: Receiver, log: Lines
) -> None:
    async with webhook_database.begin() as tx:
        row = {
            "message_id": "msg_1",
            "user_id": "ada",
            "type": "user.created",
            "body": '{"email":"ada@example.com"}',
            "queued_at": to_iso(now()),
            "due_at": to_iso(now()),
            "attempts": 0,
        }
        await tx.execute(insert(webhook_events), row)
    async with delivering(webhook_database, receiver):
        await until_empty(webhook_database)
    (line,) = [each for each in log() if each.get("message") == "webhook delivered"]
    assert (line["webhook"], line["event"], line["user"], line["attempts"]) == (
        "msg_1",
        "user.created",
        "ada",
        1,
    )
    assert "@" not in str(log())


def test_waits_grow_from_seconds_to_hours_and_vary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for attempts, seconds in ((1, 5), (2, 15), (4, 135), (50, 8 * 3600)):
        wait = backoff.choose_wait(attempts).total_seconds()
        assert 0.75 * seconds <= wait <= 1.25 * seconds
    assert len({backoff.choose_wait(3) for _ in range(5)}) > 1
