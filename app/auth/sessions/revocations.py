"""The time since which older sessions of a user are revoked, in secondary storage.

`revoked-sessions-before-<user id>` of Better Auth 1.7.25, in milliseconds since 1970. A session
that began before is invalid, also if another server had not listed it, or if it came in during the
revocation.
"""

import re
from typing import Final

from ...models.clock import from_iso, to_milliseconds
from ...models.clock import now as clock
from ...models.errors import StoreUnavailable
from ...storage.secondary import SecondaryStorage

_ATTEMPTS: Final = 100
_SHORTEST_LIFE: Final = 24 * 60 * 60  # seconds of a session that ends with the browser
_MILLISECONDS: Final = re.compile(r"\d{1,16}", re.ASCII)


class Revocations:
    """Reads and sets these times. Each lives as long as the longest session."""

    def __init__(self, storage: SecondaryStorage, expires_in: int) -> None:
        self._storage = storage
        self._life = max(expires_in, _SHORTEST_LIFE)

    async def mark(self, user_id: str) -> None:
        """Revokes every session of the user that has begun until now. A later time stays."""
        key, now = make_key(user_id), to_milliseconds(clock())
        for _ in range(_ATTEMPTS):
            seen = await self._storage.get(key)
            if await self._storage.swap(key, seen, str(max(now, _read(seen))), self._life):
                return
        raise StoreUnavailable


def make_key(user_id: str) -> str:
    """Returns the key of the user's revocation time."""
    return f"revoked-sessions-before-{user_id}"


def is_revoked(mark: str | None, created_at: object) -> bool:
    """Whether a session that began then is revoked. One without a time is, if there is a mark.

    `mark`: the value under the key of its user.
    """
    before = _read(mark)
    if before == 0:
        return False
    try:
        return to_milliseconds(from_iso(str(created_at))) < before
    except ValueError:
        return True


def _read(mark: str | None) -> int:
    return int(mark) if mark is not None and _MILLISECONDS.fullmatch(mark) else 0
