"""Passwords: hashed and checked in a bounded pool of threads, at one cost for every refusal."""

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import TypeVar

from app.errors import HashingOverloaded
from app.users.hashes import Kind, fits, is_outdated, kind_of, make

T = TypeVar("T")

QUEUED_PER_THREAD = 16
_RETRY_AFTER = [("retry-after", "1")]
_FLOOR_MARGIN = 1.5


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
        self._mixed = sorted({preferred, *kinds} - {Kind.UNKNOWN})
        self._free = threads * (1 + QUEUED_PER_THREAD)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._decoy = make(token_hex(32), preferred)
        self._floor: float | None = 0.0 if len(self._mixed) == 1 else None

    async def hash(self, password: str) -> str:
        """A hash to store."""
        return await self._run(lambda: make(password, self._preferred))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether the password is the stored one.

        None (no such user, no password) and a malformed hash fit nothing and cost the same.
        On a table with more than one scheme a refusal also waits for a floor, holding no thread,
        so that its time does not tell which scheme was tried.
        """
        start = time.monotonic()
        sound = stored if stored and kind_of(stored) is not Kind.UNKNOWN else None
        fitting = await self._run(lambda: fits(password, sound or self._decoy))
        if fitting and sound:
            return True
        await asyncio.sleep(max(0.0, start + await self._refusal_floor() - time.monotonic()))
        return False

    async def upgraded(self, password: str, stored: str) -> str | None:
        """A better hash to put in place of `stored`; None where it may stay."""
        if not self._upgrade or not is_outdated(stored, self._preferred):
            return None
        return await self.hash(password)

    def close(self) -> None:
        """Let running hashes end; queued ones are dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _refusal_floor(self) -> float:
        """Seconds; measured once, at the first refusal on a mixed table."""
        if self._floor is None:
            self._floor = _FLOOR_MARGIN * await self._run(lambda: max(map(_cost, self._mixed)))
        return self._floor

    async def _run(self, work: Callable[[], T]) -> T:
        if self._free == 0:
            raise HashingOverloaded(_RETRY_AFTER)
        self._free -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._free += 1


def _cost(kind: Kind) -> float:
    """Seconds that one hash takes; scrypt stands for bcrypt, which we never make."""
    start = time.perf_counter()
    make("measured", Kind.SCRYPT if kind is Kind.BCRYPT else kind)
    return time.perf_counter() - start
