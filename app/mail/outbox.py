"""The queue of mails: it has a limit, tries again, and never delays a request."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from ..models.telemetry.log_events import log_event
from ..models.telemetry.metrics import MAILS, MAILS_WAITING
from ..models.telemetry.spans import find_span_recorder, measure
from .mailer import Message

CAPACITY: Final = 1000  # messages
ROOM: Final = 16 * 1024 * 1024  # characters of all of them: a link may be as long as a request
AT_ONCE: Final = 4  # connections
WAITS: Final = (1.0, 5.0, 30.0, 120.0, 600.0)  # seconds before each further attempt
GRACE: Final = 5.0  # seconds that waiting mail gets at the end
_SHOWN: Final = 200  # characters of a reason
_URL: Final = re.compile(r"\S*://\S*")
_CODE: Final = re.compile(r"^(\d{4,})$", re.MULTILINE)  # it stands on a line of its own
_ADDRESS: Final = re.compile(r"[^\s<>]*@[^\s<>]*")

_log = logging.getLogger("better_auth.mail")


class DeliveryFailed(Exception):
    """A message could not be delivered. `final`: trying again cannot help."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


Deliver = Callable[[Message], Awaitable[None]]


class Outbox:
    """A `Mailer` that calls `deliver`, which raises `DeliveryFailed`. Logs each result.

    The lines have the id of the request that sent the mail.
    """

    def __init__(
        self, deliver: Deliver, *, waits: Sequence[float] = WAITS, capacity: int = CAPACITY
    ) -> None:
        self._deliver = deliver
        self._waits = waits
        self._capacity = capacity
        self._recorder = find_span_recorder()
        self._free = asyncio.Semaphore(AT_ONCE)
        self._closing = asyncio.Event()
        self._waiting: dict[asyncio.Task[None], Message] = {}

    def send(self, message: Message) -> None:
        """Queues a message. If too many are waiting, drops it and logs a line."""
        if self._is_full(message) or self._closing.is_set():
            _give_up(message, "too many are waiting")
            return
        task = asyncio.get_running_loop().create_task(self._deliver_with_retries(message))
        self._waiting[task] = message
        MAILS_WAITING.change(by=1)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._waiting[task]
        MAILS_WAITING.change(by=-1)

    def _is_full(self, message: Message) -> bool:
        if len(self._waiting) >= self._capacity:
            return True
        return sum(map(_count_characters, [message, *self._waiting.values()])) > ROOM

    async def close(self) -> None:
        """Tries all waiting messages once more, for `GRACE` seconds. Logs the rest."""
        self._closing.set()
        if not self._waiting:
            return
        await asyncio.wait(self._waiting, timeout=GRACE)
        left = dict(self._waiting)
        for task, message in left.items():
            task.cancel()
            _give_up(message, "the service was stopped")
        await asyncio.gather(*left, return_exceptions=True)

    async def _deliver_with_retries(self, message: Message) -> None:
        for wait in self._waits:
            last = self._closing.is_set()
            failure = await self._attempt(message)
            if failure is None or failure.final or last:
                break
            MAILS.count(_get_kind(message), "retried")
            log_event(
                _log,
                "mail not sent yet",
                logging.WARNING,
                kind=message.kind,
                user=message.user_id,
                reason=_redact(str(failure), message),
            )
            with suppress(TimeoutError):  # `wait_for` may lose a cancellation before Python 3.12
                async with asyncio.timeout(wait):
                    await self._closing.wait()
        else:
            failure = await self._attempt(message)
        if failure is not None:
            _give_up(message, str(failure))
        else:
            MAILS.count(_get_kind(message), "sent")
            log_event(_log, "mail sent", kind=message.kind, user=message.user_id)

    async def _attempt(self, message: Message) -> DeliveryFailed | None:
        async with self._free:
            try:
                with measure(self._recorder, "send mail", {"better_auth.mail": _get_kind(message)}):
                    await self._deliver(message)
            except DeliveryFailed as failure:
                return failure
        return None


def _get_kind(message: Message) -> str:
    return message.kind or "other"


def _count_characters(message: Message) -> int:
    return len(message.text) + len(message.html)


def _give_up(message: Message, reason: str) -> None:
    MAILS.count(_get_kind(message), "failed")
    log_event(
        _log,
        "mail not sent",
        logging.ERROR,
        kind=message.kind,
        user=message.user_id,
        reason=_redact(reason, message),
    )


def _redact(reason: str, message: Message) -> str:
    """Removes links, codes (which are credentials) and addresses: servers repeat what they get."""
    said = _URL.sub("[link]", reason.replace(message.to, "[address]"))
    for code in _CODE.findall(message.text):
        said = said.replace(code, "[code]")
    return " ".join(_ADDRESS.sub("[address]", said).split())[:_SHOWN]
