"""Hashes and verifies passwords in a pool of threads. Every refusal costs the same."""

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Final, TypeVar

from ...models.telemetry.metrics import HASHES_REFUSED
from ...models.telemetry.spans import find_span_recorder
from ..equal_time import wait_until
from ..errors import HashingOverloaded
from ..hooks import Hooks
from .decoys import make_decoy
from .hash_limits import UnusableHash, get_usable_hash
from .hash_times import TimedWork
from .hashes import Scheme, is_like_new, is_outdated, make, verify_hash
from .own_hashes import OwnHashes
from .refusal_floor import RefusalFloor

T = TypeVar("T")

_log = logging.getLogger("better_auth.passwords")
QUEUED_PER_THREAD = 16
_NICE: Final = 5  # a third of the weight of a thread at 0
_UNTIL: Final = "until they reset the password, or it is replaced by one that can be verified"
_REMEMBERED: Final = 1000  # hashes that a sign-in is about to replace
_RETRY_AFTER = [("retry-after", "1")]


class Passwords:
    """Hashes and verifies passwords. `preferred`: the scheme of new hashes.

    `decoys`: one of each form in the table. `upgrade`: replace an old hash at sign-in. `hooks` may
    refuse a new password, or make and verify hashes themselves. Every method raises
    HashingOverloaded if the queue is full, and what a hook raises.
    """

    def __init__(
        self,
        preferred: Scheme,
        *,
        threads: int,
        decoys: Iterable[str] = (),
        upgrade: bool = False,
        hooks: Hooks | None = None,
    ) -> None:
        self.preferred: Final = preferred
        self._upgrade = upgrade
        hooks = Hooks() if hooks is None else hooks
        self._checks = hooks.check_new_password
        self._own = OwnHashes(hooks)
        self._outdated: set[str] = set()
        self._decoy = make_decoy(preferred)
        self._floor = RefusalFloor([self._decoy, *decoys])
        self._warned: set[str] = set()
        self._free = threads * (1 + QUEUED_PER_THREAD)
        self._recorder = find_span_recorder()
        self._pool = ThreadPoolExecutor(
            threads, thread_name_prefix="password", initializer=_give_way
        )

    async def hash(self, password: str, path: str | None = None) -> str:
        """Returns a hash to store.

        `path` is the endpoint at which somebody chose the password.
        """
        if path is not None:
            for check in self._checks:
                await check(password, path)
        if self._own.makes:
            with self._take_place():
                return await self._own.hash(password)
        return await self._run(lambda: make(password, self.preferred))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password matches the stored hash.

        None (no user, no password), and a hash that is malformed or too expensive, match nothing
        and cost the same. On a table with several forms a refusal also waits for a minimum time,
        without a thread, so that its time does not reveal the form.
        """
        start = time.monotonic()
        matches = await self._verify_own(password, stored) if self._own.verifies else None
        if matches is None:
            matches = await self._verify_ours(password, stored)
        if matches:
            return True
        if not self._floor.is_settled:
            await self._run(self._floor.measure)
        await wait_until(start + self._floor.seconds)
        return False

    async def upgrade(self, password: str, stored: str) -> str | None:
        """Returns a better hash to replace `stored`, or None."""
        if self._own.makes:
            is_old = stored in self._outdated
            self._outdated.discard(stored)
        else:
            is_old = is_outdated(stored, self.preferred)
        return await self.hash(password) if self._upgrade and is_old else None

    def close(self) -> None:
        """Waits for running hashes. Drops queued ones."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _verify_own(self, password: str, stored: str | None) -> bool | None:
        """Asks the function of a user, also about a decoy. Returns None for a hash of ours."""
        with self._take_place():
            against = stored or await self._own.find_decoy()
            if against is None:
                return None
            start = time.perf_counter()
            matches = await self._own.verify(password, against)
        if matches is not None:
            self._floor.note(against, time.perf_counter() - start)
            return matches and bool(stored)
        return None

    async def _verify_ours(self, password: str, stored: str | None) -> bool:
        sound = self._find_usable(stored) if stored else None
        against = sound or self._decoy
        fitting, cost = await self._run(lambda: _time_verification(password, against))
        self._floor.note(against, cost)
        if not fitting or not sound:
            return False
        if self._own.makes and stored:
            self._note_outdated(stored)
        return True

    def _note_outdated(self, stored: str) -> None:
        """Remembers a hash of ours until `upgrade`, which a sign-in may not reach."""
        if len(self._outdated) >= _REMEMBERED:
            self._outdated.clear()
        self._outdated.add(stored)

    def _find_usable(self, stored: str) -> str | None:
        """Returns the hash to verify, or None. The reason is logged once."""
        if is_like_new(stored, self.preferred):
            return stored
        try:
            return get_usable_hash(stored)
        except UnusableHash as fault:
            line = f"a stored password hash {fault}; its owner can't sign in {_UNTIL}"
            if line not in self._warned:
                self._warned.add(line)
                _log.warning(line)
            return None

    async def _run(self, work: Callable[[], T]) -> T:
        with self._take_place():
            timed = TimedWork(work)
            try:
                return await asyncio.get_running_loop().run_in_executor(self._pool, timed)
            finally:
                timed.finish(self._recorder)

    @contextmanager
    def _take_place(self) -> Iterator[None]:
        """Takes a place in the queue for the block. Raises `HashingOverloaded`."""
        if self._free == 0:
            HASHES_REFUSED.count()
            raise HashingOverloaded(_RETRY_AFTER)
        self._free -= 1
        try:
            yield
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
