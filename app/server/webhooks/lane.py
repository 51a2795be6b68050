"""Delivers the events of one user, in order, until one fails."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct, field

from ...auth.webhooks.queue import Failure, LaneOutcome, QueuedEvent
from ...models.clock import from_iso
from ...models.clock import now as clock
from ...models.telemetry.log_events import log_event
from ...models.telemetry.metrics import WEBHOOKS
from .backoff import choose_wait
from .sender import SendAttempt, WebhookSender

_log: Final = logging.getLogger("better_auth.webhooks")


class LaneResult(Struct):
    """What came of the events of one user. `attempts` are in order."""

    delivered: list[int] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    attempts: list[SendAttempt] = field(default_factory=list)

    @property
    def outcome(self) -> LaneOutcome:
        """Returns what must be written."""
        return LaneOutcome(self.delivered, self.failures)


def find_wait(events: Sequence[QueuedEvent], now: datetime) -> str | None:
    """Returns until when the first event waits for its next attempt. None: it is due."""
    first = events[0]
    return first.due_at if first.attempts and from_iso(first.due_at) > now else None


async def deliver_in_order(
    sender: WebhookSender, events: Sequence[QueuedEvent], may_go_on: Callable[[], bool]
) -> LaneResult:
    """Sends events of one user. An event that is given up does not hold up the next one.

    Asks before each of them whether it `may_go_on`.
    """
    result = LaneResult()
    for event in events:
        if not may_go_on():
            break
        attempt = await sender.send(event)
        result.attempts.append(attempt)
        if attempt.fault is None:
            result.delivered.append(event.id)
            _note_delivery(event)
            continue
        failure = _make_failure(event, attempt, clock())
        result.failures.append(failure)
        _note_failure(failure)
        if failure.due_at is not None:
            break
    return result


def _make_failure(event: QueuedEvent, attempt: SendAttempt, now: datetime) -> Failure:
    assert attempt.fault is not None
    if event.is_too_old(now):
        return Failure(event, attempt.fault, None)
    wait = max(choose_wait(event.attempts + 1), attempt.pause or timedelta())
    return Failure(event, attempt.fault, now + wait)


def _note_delivery(event: QueuedEvent) -> None:
    WEBHOOKS.count(event.type, "delivered")
    log_event(
        _log,
        "webhook delivered",
        webhook=event.message_id,
        event=event.type,
        user=event.user_id,
        attempts=event.attempts + 1,
    )


def _note_failure(failure: Failure) -> None:
    event = failure.event
    if failure.due_at is None:
        WEBHOOKS.count(event.type, "dead")
        log_event(
            _log,
            "webhook given up",
            logging.ERROR,
            webhook=event.message_id,
            event=event.type,
            user=event.user_id,
            attempts=event.attempts + 1,
            reason=failure.reason,
        )
        return
    WEBHOOKS.count(event.type, "failed")
    log_event(
        _log,
        "webhook not delivered yet",
        logging.WARNING,
        webhook=event.message_id,
        event=event.type,
        user=event.user_id,
        attempts=event.attempts + 1,
        reason=failure.reason,
    )
