"""Who is locked out by wrong passwords, and lets them in again: for an operator.

The counters have no names, only keyed digests of them. So the names of users are digested, too, and
compared.
"""

from collections.abc import Sequence

from msgspec import Struct

from ...models.records import User
from ...web.rate_rule import FAILURES, RateLimits
from ..audit.audit import Audit
from ..audit.events import Event
from .login_throttle import COUNTERS, LoginThrottle


class LockedName(Struct, frozen=True):
    """A name of a user that is locked out, for at most so many seconds from now.

    `client`: only for this client IP, which knew the password before.
    """

    user: User
    client: str | None
    seconds: int


class Lockouts:
    """Reads and clears the counters of the login throttle.

    `limits` must be shared: what is in the memory of another process cannot be read.
    """

    def __init__(self, limits: RateLimits, throttle: LoginThrottle, audit: Audit) -> None:
        self._limits = limits
        self._throttle = throttle
        self._audit = audit

    @property
    def are_shared(self) -> bool:
        """Whether the counters are those of the service, not of this process."""
        return self._limits.is_shared

    async def find(self, user: User, clients: Sequence[str]) -> list[LockedName]:
        """Returns the lockouts of a user, for everybody and for these client IPs."""
        found = []
        for key, client in self._throttle.list_keys(user, clients):
            wait = await self._limits.find_wait(key, FAILURES)
            if wait is not None:
                found.append(LockedName(user, client, wait))
        return found

    async def read_locked(self) -> dict[str, int]:
        """Returns the seconds of every lockout, by the key of its counter."""
        full = self._limits.read_full(COUNTERS, FAILURES)
        return {key: wait async for key, wait in full}

    def match(self, locked: dict[str, int], user: User) -> list[LockedName]:
        """Returns those of a user, and takes them out of `locked`."""
        keys = self._throttle.list_keys(user, ())
        return [LockedName(user, client, locked.pop(key)) for key, client in keys if key in locked]

    async def clear(self, user: User, clients: Sequence[str]) -> None:
        """Forgets the wrong passwords of a user, for everybody and from these client IPs."""
        for key, _ in self._throttle.list_keys(user, clients):
            await self._limits.clear(key, FAILURES)
        await self._audit.write(Event("throttle_cleared", user.id))

    async def clear_all(self) -> int:
        """Forgets those of all names that are locked out. Returns how many there were."""
        locked = await self.read_locked()
        for key in locked:
            await self._limits.clear(key, FAILURES)
        await self._audit.write(Event("throttle_cleared", details={"count": len(locked)}))
        return len(locked)
