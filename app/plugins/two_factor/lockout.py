"""Locks an account after too many wrong codes in a row, across all sign-ins and factors.

Source: `assertTwoFactorNotLocked`, `recordTwoFactorFailure` and `resetTwoFactorFailures` of Better
Auth 1.7.25.
"""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import from_iso, to_iso
from ...storage.database import Database
from .errors import AccountTemporarilyLocked
from .factors import Factor, Factors
from .options import AccountLockoutOptions


class Lockout:
    """Counts wrong codes in the row of the factor, which a Node server reads, too."""

    def __init__(
        self, options: AccountLockoutOptions, factors: Factors, database: Database
    ) -> None:
        self._options = options
        self._factors = factors
        self._database = database

    def check(self, factor: Factor, now: datetime) -> None:
        """Raises AccountTemporarilyLocked."""
        if self._options.enabled and _is_locked(factor, now):
            raise AccountTemporarilyLocked

    async def count(self, factor: Factor, now: datetime) -> None:
        """Counts a wrong code, before the code is compared: `reset` takes it back.

        So parallel requests cannot compare more codes than the limit. Raises
        AccountTemporarilyLocked.
        """
        if not self._options.enabled:
            return
        async with self._database.begin() as tx:
            seen = await self._factors.find_locked(tx, factor.id)
            if seen is None or _is_locked(seen, now):
                raise AccountTemporarilyLocked
            before = 0 if seen.locked_until is not None else seen.failures or 0
            locks = before + 1 >= self._options.max_failed_attempts
            until = now + timedelta(seconds=self._options.duration_seconds)
            await self._factors.change(
                tx,
                seen.id,
                failedVerificationCount=before + 1,
                lockedUntil=to_iso(until) if locks else None,
            )

    async def reset(self, tx: AsyncConnection, factor: Factor) -> None:
        """Clears the count after a right code, as a step of `tx`."""
        if self._options.enabled:
            await self._factors.change(tx, factor.id, failedVerificationCount=0, lockedUntil=None)


def _is_locked(factor: Factor, now: datetime) -> bool:
    return factor.locked_until is not None and from_iso(factor.locked_until) > now
