"""Delivers the webhooks of the outbox while the service runs, by one process at a time."""

import asyncio
import logging
import random
from collections import deque
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from ...auth.webhooks.queue import LaneOutcome, WebhookQueue
from ...auth.webhooks.turn import DeliveryTurn
from ...models.clock import now as clock
from ...models.errors import StoreUnavailable
from ...models.telemetry.log_events import log_event
from .backlog import BacklogGauges
from .backoff import choose_rest
from .lane import LaneResult, deliver_in_order, find_wait
from .sender import WebhookSender

LANES: Final = 8  # users whose events are sent at once
GRACE: Final = 5.0  # seconds that running requests get at the end
_IN_A_LANE: Final = 20  # events of one user, until others have their turn
_POLL: Final = 1.0  # seconds, for events of other processes
_TAKEN: Final = 2.0  # the same while another process delivers
_AFTER_FAULT: Final = 5.0  # seconds, after the store could not be used
_FAULTS: Final = (StoreUnavailable, SQLAlchemyError)
_log = logging.getLogger("better_auth.webhooks")


class WebhookDelivery:
    """Sends what waits, as long as it is the turn of this process.

    Events of one user are sent one after the other; a failed one holds up the later ones of this
    user. `added` is set when this process has committed an event.
    """

    def __init__(
        self, queue: WebhookQueue, turn: DeliveryTurn, sender: WebhookSender, added: asyncio.Event
    ) -> None:
        self._queue = queue
        self._turn = turn
        self._sender = sender
        self._added = added
        self._gauges = BacklogGauges(queue)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._ready = deque[str]()
        self._outcomes: list[LaneOutcome] = []
        self._recording = asyncio.Lock()
        self._rests_until: datetime | None = None
        self._failures = 0  # in a row, of all users
        self._is_ending = False

    async def run(self) -> None:
        """Runs until it is cancelled, and ends then what it has begun."""
        try:
            while True:
                # Before Python 3.12 `wait_for` loses a cancellation that comes with the event.
                with suppress(TimeoutError):
                    async with asyncio.timeout(_choose_near(_POLL)):
                        await self._added.wait()
                self._added.clear()
                try:
                    await self._start_due()
                except _FAULTS as fault:
                    self._note_fault(fault)
                    await asyncio.sleep(_AFTER_FAULT)
        finally:
            await self._end()

    async def _start_due(self) -> None:
        """Starts what is due, if it is the turn of this process."""
        if not self._ready:
            due = await self._queue.find_due_users(clock(), self._lanes.keys())
            self._ready.extend(due)
        await self._gauges.read()
        if not self._ready and not self._lanes and not self._gauges.waiting:
            self._gauges.show(is_mine=False)
            return
        is_mine = await self._turn.take()
        self._gauges.show(is_mine=is_mine)
        if is_mine:
            self._fill_lanes()
        else:
            self._ready.clear()
            await asyncio.sleep(_choose_near(_TAKEN))

    @property
    def _can_send(self) -> bool:
        ends = (self._turn.paused_until, self._rests_until)
        now = clock()
        is_paused = any(end is not None and now < end for end in ends)
        return self._can_go_on() and not is_paused

    def _fill_lanes(self) -> None:
        while self._ready and len(self._lanes) < LANES and self._can_send:
            user_id = self._ready.popleft()
            if user_id not in self._lanes:
                lane = asyncio.create_task(self._run_lane(user_id))
                self._lanes[user_id] = lane

    async def _run_lane(self, user_id: str) -> None:
        try:
            await self._deliver(user_id)
        except Exception as fault:  # noqa: BLE001  # whatever it is, it must not be tried at once
            self._note_fault(fault)
        finally:
            del self._lanes[user_id]
            self._fill_lanes()
            if not self._ready:
                self._added.set()  # there is room for another user

    async def _deliver(self, user_id: str) -> None:
        events = await self._queue.read_waiting(user_id, _IN_A_LANE)
        if not events:
            return
        waits_until = find_wait(events, clock())
        if waits_until is not None:
            await self._queue.defer(user_id, waits_until)
            return
        result = await deliver_in_order(self._sender, events, self._can_go_on)
        await self._record(result.outcome)
        await self._note(result)

    def _can_go_on(self) -> bool:
        return self._turn.is_held and not self._is_ending

    async def _record(self, outcome: LaneOutcome) -> None:
        """Writes an outcome, together with those of other users that wait for the same."""
        self._outcomes.append(outcome)
        async with self._recording:
            outcomes, self._outcomes = self._outcomes, []
            if outcomes:
                await self._queue.record(outcomes)

    async def _note(self, result: LaneResult) -> None:
        """Notes whether the receiver is down, or wants a pause."""
        for attempt in result.attempts:
            self._failures = 0 if attempt.fault is None else self._failures + 1
            if attempt.pause is not None:
                seconds = round(attempt.pause.total_seconds())
                log_event(
                    _log, "webhooks paused", logging.WARNING, seconds=seconds, reason=attempt.fault
                )
                await self._turn.pause(clock() + attempt.pause)
        rest = choose_rest(self._failures)
        self._rests_until = None if rest is None else clock() + rest

    def _note_fault(self, fault: Exception) -> None:
        """Notes that the store cannot be used: what is sent now could not be noted, either."""
        log_event(_log, "webhooks not delivered", logging.ERROR, fault=type(fault).__name__)
        self._rests_until = clock() + timedelta(seconds=_AFTER_FAULT)

    async def _end(self) -> None:
        """Waits for running requests, and gives the turn to another process."""
        self._is_ending = True
        lanes = list(self._lanes.values())
        if lanes:
            await asyncio.wait(lanes, timeout=GRACE)
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        self._gauges.show(is_mine=False)
        with suppress(*_FAULTS):  # another process takes it a little later
            await self._turn.give_back()
        await self._sender.close()


def _choose_near(seconds: float) -> float:
    """Returns about so many seconds, so that processes do not ask together."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311  # no secret
