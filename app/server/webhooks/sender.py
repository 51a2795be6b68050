"""Sends one webhook by HTTP, and says what came of it."""

import asyncio
import ssl
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import httpcore
from msgspec import Struct

from ... import __version__
from ...auth.webhooks.queue import QueuedEvent
from ...models.clock import now as clock
from ...models.telemetry.spans import find_span_recorder, measure_trace
from .connections import CheckedNetwork
from .signatures import WebhookSigner

SECONDS: Final = 10.0  # for all of it
MOST_READ: Final = 64 * 1024  # bytes of a response
LONGEST_PAUSE: Final = timedelta(hours=1)
_IDLE: Final = 30.0  # seconds that a connection waits for the next webhook
_AGENT: Final = f"better-auth-python/{__version__}"
_SHOWN: Final = 200  # characters of a reason
_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class SendAttempt(Struct, frozen=True):
    """What came of one attempt. `fault` None: it was delivered.

    `pause`: how long the receiver wants nothing at all.
    """

    fault: str | None = None
    pause: timedelta | None = None


class _Refused(Exception):
    """The receiver did not accept the event."""

    def __init__(self, attempt: SendAttempt) -> None:
        super().__init__(attempt.fault)
        self.attempt = attempt


class WebhookSender:
    """Posts events to the receiver. It uses no proxy of the environment and follows no redirect."""

    def __init__(
        self, url: str, signer: WebhookSigner, *, allow_private: bool, connections: int
    ) -> None:
        self._url = url
        self._signer = signer
        self._recorder = find_span_recorder()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=connections,
            keepalive_expiry=_IDLE,
            network_backend=CheckedNetwork(allow_private=allow_private),
        )

    async def send(self, event: QueuedEvent) -> SendAttempt:
        """Sends the event once. Raises nothing."""
        try:
            async with asyncio.timeout(SECONDS):
                attributes = {"better_auth.webhook": event.type}
                with measure_trace(self._recorder, "send webhook", attributes):
                    await self._post(event)
        except _Refused as refused:
            return refused.attempt
        except TimeoutError:
            return SendAttempt(f"no response in {SECONDS:.0f} seconds")
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            ssl.SSLError,
            OSError,
        ) as fault:
            return SendAttempt(_describe(fault))
        return SendAttempt()

    async def close(self) -> None:
        """Closes the connections."""
        await self._pool.aclose()

    async def _post(self, event: QueuedEvent) -> None:
        body, now = event.body.encode(), clock()
        timestamp = int(now.timestamp())
        sent = [
            ("content-type", "application/json"),
            ("user-agent", _AGENT),
            ("webhook-id", event.message_id),
            ("webhook-timestamp", str(timestamp)),
            ("webhook-signature", self._signer.sign(event.message_id, timestamp, body)),
        ]
        async with self._pool.stream("POST", self._url, headers=sent, content=body) as response:
            await _read_some(response)
            _check_status(response, now)


async def _read_some(response: httpcore.Response) -> None:
    """Reads a response to its end, so that the connection can be used again, but not forever."""
    size = 0
    async for chunk in response.aiter_stream():
        size += len(chunk)
        if size > MOST_READ:
            return


def _check_status(response: httpcore.Response, now: datetime) -> None:
    status = response.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    fault = f"status {status}"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        fault += ", and redirects are not followed"
    pause = LONGEST_PAUSE if status == HTTPStatus.GONE else None
    if status in _BUSY:
        pause = _find_pause(response, now)
    raise _Refused(SendAttempt(fault, pause))


def _find_pause(response: httpcore.Response, now: datetime) -> timedelta | None:
    """Returns what `Retry-After` asks for: seconds, or a date (RFC 9110, 10.2.3)."""
    found = [value for name, value in response.headers if name.lower() == b"retry-after"]
    text = found[0].decode("latin-1").strip() if found else ""
    try:
        if text.isdecimal():
            asked = timedelta(seconds=min(int(text[:9]), LONGEST_PAUSE.total_seconds()))
        else:
            asked = parsedate_to_datetime(text) - now
    except (ValueError, TypeError, OverflowError):  # the last: a year of many digits
        return None
    return min(asked, LONGEST_PAUSE) if asked > timedelta() else None


def _describe(fault: Exception) -> str:
    """Returns a line without control characters: a receiver may have written it."""
    said = str(fault) or type(fault).__name__
    return "".join(each if each.isprintable() else " " for each in said)[:_SHOWN]
