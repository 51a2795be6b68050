"""Hashes and verifies passwords in a pool of threads. Every refusal costs the same."""

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

from ..equal_time import wait_until
from ..errors import HashingOverloaded
from .hash_limits import UnusableHash, get_usable_hash
from .hashes import DECOYS, Kind, is_outdated, make, verify_hash
from .refusal_floor import RefusalFloor

T = TypeVar("T")

_log = logging.getLogger("app.passwords")
QUEUED_PER_THREAD = 16
_NICE: Final = 5  # a third of the weight of a thread at 0
_UNTIL: Final = "until they reset the password, or it is replaced by one that can be verified"
_RETRY_AFTER = [("retry-after", "1")]


class Passwords:
    """Hashes and verifies passwords. `preferred`: the scheme of new hashes.

    `kinds`: the schemes in the table. `upgrade`: replace an old hash at sign-in. Every method
    raises HashingOverloaded if the queue is full.
    """

    def __init__(
        self, preferred: Kind, *, threads: int, kinds: Iterable[Kind] = (), upgrade: bool = False
    ) -> None:
        self._preferred = preferred
        self._upgrade = upgrade
        self._floor = RefusalFloor({preferred, *kinds})
        self._warned: set[str] = set()
        self._free = threads * (1 + QUEUED_PER_THREAD)
        self._pool = ThreadPoolExecutor(
            threads, thread_name_prefix="password", initializer=_give_way
        )

    async def hash(self, password: str) -> str:
        """Returns a hash to store."""
        return await self._run(lambda: make(password, self._preferred))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password matches the stored hash.

        None (no user, no password), and a hash that is malformed or too expensive, match nothing
        and cost the same. On a table with several schemes a refusal also waits for a minimum time,
        without a thread, so that its time does not reveal the scheme.
        """
        start = time.monotonic()
        sound = self._find_usable(stored) if stored else None
        against = sound or DECOYS[self._preferred]
        fitting, cost = await self._run(lambda: _time_verification(password, against))
        self._floor.note(against, cost)
        if fitting and sound:
            return True
        if not self._floor.is_settled:
            await self._run(self._floor.measure)
        await wait_until(start + self._floor.seconds)
        return False

    async def upgrade(self, password: str, stored: str) -> str | None:
        """Returns a better hash to replace `stored`, or None."""
        if not self._upgrade or not is_outdated(stored, self._preferred):
            return None
        return await self.hash(password)

    def close(self) -> None:
        """Waits for running hashes. Drops queued ones."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _find_usable(self, stored: str) -> str | None:
        """Returns the hash to verify, or None. The reason is logged once."""
        try:
            return get_usable_hash(stored)
        except UnusableHash as fault:
            line = f"a stored password hash {fault}; its owner can't sign in {_UNTIL}"
            if line not in self._warned:
                self._warned.add(line)
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


def _time_verification(password: str, stored: str) -> tuple[bool, float]:
    start = time.perf_counter()
    return verify_hash(password, stored), time.perf_counter() - start


def _give_way() -> None:
    """Lowers the priority of hash threads, so that reads come first (Linux)."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with suppress(OSError):  # a sandbox may forbid it
            nice = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, min(nice + _NICE, 19))
