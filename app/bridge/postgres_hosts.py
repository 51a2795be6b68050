"""Connects to the first of several PostgreSQL servers that does what the URL asks for."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
ConnectTo = Callable[[str], Awaitable[Connection]]

HEAD_START: Final = 0.3  # seconds
_NOT_ASKED_FOR: Final = (
    "no server in DATABASE_URL is what its target_session_attrs asks for (read-write, if it names"
    " several hosts): promote a standby, or correct the URL"
)


async def connect_first(dsns: Sequence[str], connect: ConnectTo, *, seconds: float) -> Connection:
    """Returns the first connection that succeeds, of one attempt for each DSN.

    The attempts begin in order: the next one when one has failed, or after `HEAD_START`. So a
    machine that is off does not use up the time of the others, as it does in asyncpg (RFC 8305 does
    the same for addresses). Raises TimeoutError after `seconds`, ConnectionError if no server is
    what the URL asks for, and the errors of asyncpg.
    """
    waiting, failed = list(dsns), list[BaseException]()
    running: set[asyncio.Task[Connection]] = set()
    try:
        async with asyncio.timeout(seconds):
            while waiting or running:
                if waiting:
                    running.add(asyncio.ensure_future(connect(waiting.pop(0))))
                ended, running = await asyncio.wait(
                    running,
                    timeout=HEAD_START if waiting else None,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for attempt in ended:
                    if (fault := attempt.exception()) is None:
                        running |= ended - {attempt}
                        return attempt.result()
                    failed.append(fault)
    finally:
        await _end_attempts(running)
    raise _choose(failed)


async def _end_attempts(attempts: set[asyncio.Task[Connection]]) -> None:
    """Ends the other attempts. A connection that has just opened is closed."""
    for attempt in attempts:
        attempt.cancel()
    for attempt in attempts:
        with suppress(asyncio.CancelledError, Exception):
            (await attempt).terminate()


def _choose(failed: Sequence[BaseException]) -> BaseException:
    """Returns the error to report. A standby is as it should be, another server is the reason."""
    unfit = asyncpg.TargetServerAttributeNotMatched
    reasons = [fault for fault in failed if not isinstance(fault, unfit)]
    refusals = [fault for fault in reasons if not isinstance(fault, OSError)]
    return (refusals or reasons or [ConnectionError(_NOT_ASKED_FOR)])[0]
