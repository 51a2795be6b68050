"""Passwords: hashed and checked in a bounded pool of threads, at one cost for every refusal."""

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

from ...models.errors import HashingOverloaded
from .hash_limits import UnusableHash, usable_hash
from .hashes import DECOYS, Kind, fits, is_outdated, make
from .refusal_floor import RefusalFloor

T = TypeVar("T")

_log = logging.getLogger("app.passwords")
QUEUED_PER_THREAD = 16
_NICE: Final = 5  # a third of the weight of a thread at 0
_UNTIL: Final = "until they reset the password, or it is replaced by one that can be verified"
_RETRY_AFTER = [("retry-after", "1")]


class Passwords:
    """`preferred` is the scheme of new hashes, `kinds` are those that the table holds already.

    `upgrade` says whether an old hash is replaced at sign-in. Raises HashingOverloaded from every
    method when the queue is full.
    """

    def __init__(
        self, preferred: Kind, *, threads: int, kinds: Iterable[Kind] = (), upgrade: bool = False
    ) -> None:
        self._preferred = preferred
        self._upgrade = upgrade
        self._floor = RefusalFloor({preferred, *kinds})
        self._told: set[str] = set()
        self._free = threads * (1 + QUEUED_PER_THREAD)
        self._pool = ThreadPoolExecutor(
            threads, thread_name_prefix="password", initializer=_give_way
        )

    async def hash(self, password: str) -> str:
        """A hash to store."""
        return await self._run(lambda: make(password, self._preferred))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether the password is the stored one.

        None (no such user, no password) and a hash that is malformed, or would cost more than one
        that may be imported, fit nothing and cost the same.
        On a table with hashes of several costs a refusal also waits for a floor, holding no
        thread, so that its time does not tell which one was checked.
        """
        start = time.monotonic()
        sound = self._usable(stored) if stored else None
        against = sound or DECOYS[self._preferred]
        fitting, cost = await self._run(lambda: _timed(password, against))
        self._floor.note(against, cost)
        if fitting and sound:
            return True
        if not self._floor.is_settled:
            await self._run(self._floor.measure)
        await asyncio.sleep(max(0.0, start + self._floor.seconds - time.monotonic()))
        return False

    async def upgraded(self, password: str, stored: str) -> str | None:
        """A better hash to put in place of `stored`; None where it may stay."""
        if not self._upgrade or not is_outdated(stored, self._preferred):
            return None
        return await self.hash(password)

    def close(self) -> None:
        """Let running hashes end; queued ones are dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _usable(self, stored: str) -> str | None:
        """The hash to check. Why there is none is said once, for whoever keeps the table."""
        try:
            return usable_hash(stored)
        except UnusableHash as fault:
            line = f"a stored password hash {fault}; its owner can't sign in {_UNTIL}"
            if line not in self._told:
                self._told.add(line)
                _log.warning(line)
            return None

    async def _run(self, work: Callable[[], T]) -> T:
        if self._free == 0:
            raise HashingOverloaded(_RETRY_AFTER)
        self._free -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._free += 1


def _timed(password: str, stored: str) -> tuple[bool, float]:
    start = time.perf_counter()
    return fits(password, stored), time.perf_counter() - start


def _give_way() -> None:
    """Reads go before hashes where both want a core: on Linux a thread has its own priority."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with suppress(OSError):  # a sandbox may forbid it
            nice = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, min(nice + _NICE, 19))
