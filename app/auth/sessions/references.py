"""The list of a user's sessions in secondary storage.

`active-sessions-<user id>` of Better Auth 1.7.25: tokens with their expiry, the earliest first. The
list lives as long as its last session.
"""

from collections.abc import AsyncIterator, Callable, Collection
from datetime import datetime
from typing import Final

from msgspec import DecodeError, Struct, json

from ...models.clock import from_iso, to_milliseconds
from ...models.clock import now as clock
from ...models.errors import StoreUnavailable
from ...models.records import Session
from ...storage.secondary import SecondaryStorage

_PREFIX: Final = "active-sessions-"
_ATTEMPTS: Final = 500  # one of those who try at once wins each time


class Reference(Struct, frozen=True, rename="camel"):
    """A session in the list. `expires_at` is in milliseconds since 1970."""

    token: str
    expires_at: int

    @classmethod
    def from_session(cls, session: Session) -> "Reference":
        """Returns the entry of a session."""
        return cls(session.token, to_milliseconds(from_iso(session.expires_at)))


class References:
    """Reads and changes the lists. Parallel changes are not lost."""

    def __init__(self, storage: SecondaryStorage) -> None:
        self._storage = storage

    async def list_tokens(self, user_id: str, now: datetime) -> list[str]:
        """Returns the tokens of the user's sessions that have not expired."""
        found = _parse(await self._storage.get(_make_key(user_id)))
        return list(
            dict.fromkeys(one.token for one in _filter_unexpired(found, to_milliseconds(now)))
        )

    async def list_users(self) -> AsyncIterator[str]:
        """Yields the id of every user who has a list, in no order, now and then one twice."""
        async for key in self._storage.scan(_PREFIX):
            yield key.removeprefix(_PREFIX)

    async def put(self, session: Session) -> None:
        """Adds a session, or changes its expiry."""
        own = Reference.from_session(session)
        await self._update(
            session.user_id, lambda list_: [*(r for r in list_ if r.token != own.token), own]
        )

    async def drop(self, user_id: str, tokens: Collection[str]) -> None:
        """Removes sessions. Those that were added in between stay."""
        await self._update(user_id, lambda list_: [r for r in list_ if r.token not in tokens])

    async def _update(
        self, user_id: str, revise: Callable[[list[Reference]], list[Reference]]
    ) -> None:
        key = _make_key(user_id)
        for _ in range(_ATTEMPTS):
            seen, now = await self._storage.get(key), to_milliseconds(clock())
            revised = sorted(
                revise(_filter_unexpired(_parse(seen), now)), key=lambda r: r.expires_at
            )
            ttl = (revised[-1].expires_at - now) // 1000 if revised else 0
            value = json.encode(revised).decode() if ttl > 0 else None
            if await self._storage.swap(key, seen, value, ttl):
                return
        raise StoreUnavailable


def _make_key(user_id: str) -> str:
    return f"{_PREFIX}{user_id}"


def _parse(text: str | None) -> list[Reference]:
    try:
        return json.decode(text or "[]", type=list[Reference])
    except DecodeError:  # what nobody can read lists nothing
        return []


def _filter_unexpired(references: list[Reference], now: int) -> list[Reference]:
    return [reference for reference in references if reference.expires_at > now]
