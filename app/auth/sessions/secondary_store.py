"""Sessions in secondary storage, stored like Better Auth 1.7.25.

The key is the token, the value `{"session":…,"user":…}`. It lives as long as the session. Every
change replaces only the value that was read, so no write restores an ended session.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from msgspec import DecodeError, Struct, ValidationError, convert, json, structs, to_builtins
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import from_iso
from ...models.clock import now as clock
from ...models.errors import StoreUnavailable
from ...models.mappers import Mappers
from ...models.records import Record, Session, User
from ...models.tables import IMPERSONATION_COLUMN
from ...storage.bounded_cache import BoundedCache
from ...storage.database import Database
from ...storage.secondary import SecondaryStorage
from ...storage.steps import Row
from ..restrictions import Restrictions
from .ended import EndedSession, EndedSessions
from .references import References
from .revocations import Revocations, is_revoked, make_key
from .store import ActiveSession, RecordEnd, RecordEnds, SessionFilter

_ATTEMPTS: Final = 100
R = TypeVar("R", bound=Record)

Json = dict[str, object]  # a decoded JSON object; other servers may have put more into it


class Entry(Struct, frozen=True):
    """The value of a token: its text, and the two objects in it."""

    text: str
    session: Json
    user: Json


class StorageSessions:
    """See `SessionStore`. Restrictions of users are read from the database, if it has them."""

    uses_secondary_storage = True
    has_rows = False

    def __init__(
        self,
        storage: SecondaryStorage,
        mappers: Mappers,
        database: Database,
        restrictions: Restrictions,
        *,
        expires_in: int,
    ) -> None:
        self._storage = storage
        self._mappers = mappers
        self._database = database
        self._restrictions = restrictions
        self._references = References(storage)
        self._revocations = Revocations(storage, expires_in)
        self._owners: BoundedCache[str] = BoundedCache()
        users = mappers.user.table
        self._marks = (
            select(users.c.id, *restrictions.list_columns())
            .select_from(users)
            .where(users.c.id == bindparam("user_id"))
        )
        self._user = select(*mappers.user.columns).where(users.c.id == bindparam("user_id"))
        self._names = {f.name: f.encode_name for f in structs.fields(mappers.session.record_type)}

    async def find(self, token: str) -> ActiveSession | None:
        entry = await self._find_unrevoked(token)
        session = None if entry is None else self._convert_session(entry.session)
        user = None if entry is None else _convert(entry.user, self._mappers.user.record_type)
        if session is None or user is None:
            return None
        if not self._restrictions.list_columns():
            return ActiveSession(session, user)
        row = await self._database.read_one(self._marks, {"user_id": user.id})
        return (
            None
            if row is None
            else ActiveSession(session, user, self._restrictions.find_refusal(row[1:]))
        )

    async def list_active(self, user_id: str, now: datetime) -> Sequence[Session]:
        """Returns all of them, ordered by expiry, but those of an administrator."""
        return await self._list(user_id, now, is_shown=_is_own)

    async def list_all(self, user_id: str, now: datetime) -> Sequence[Session]:
        return await self._list(user_id, now, is_shown=lambda _: True)

    async def _list(
        self, user_id: str, now: datetime, *, is_shown: Callable[[Entry], bool]
    ) -> Sequence[Session]:
        tokens = await self._references.list_tokens(user_id, now)
        mark, *texts = await self._storage.get_many(make_key(user_id), *tokens)
        entries = [_read(token, text) for token, text in zip(tokens, texts, strict=True)]
        sessions = [
            self._convert_session(entry.session)
            for entry in entries
            if entry is not None and not _is_over(entry, mark) and is_shown(entry)
        ]
        return [one for one in sessions if one is not None and one.user_id == user_id]

    async def read_pages(
        self, chosen: SessionFilter, now: datetime
    ) -> AsyncIterator[Sequence[Session]]:
        """Yields the sessions of one user after the other."""
        if chosen.user_id is not None:
            yield await self._list_meant(chosen.user_id, chosen, now)
            return
        async for user_id in self._references.list_users():
            yield await self._list_meant(user_id, chosen, now)

    async def _list_meant(
        self, user_id: str, chosen: SessionFilter, now: datetime
    ) -> Sequence[Session]:
        by = chosen.impersonated_by
        found = await self._list(
            user_id, now, is_shown=lambda each: by in (None, each.session.get(IMPERSONATION_COLUMN))
        )
        return [session for session in found if chosen.is_meant(session, now)]

    async def end_listed(self, sessions: Sequence[Session], record: RecordEnds) -> int:
        await self.end_kept(sessions)
        await record(EndedSessions(len(sessions), sessions), None)
        return len(sessions)

    async def end_kept(self, sessions: Sequence[Session]) -> None:
        """Runs `end_listed` without a record."""
        theirs: dict[str, list[str]] = {}
        for session in sessions:
            theirs.setdefault(session.user_id, []).append(session.token)
        for user_id, tokens in theirs.items():
            await self._storage.delete(*tokens)
            await self._references.drop(user_id, tokens)

    async def reserve(self, session: Session, user: User) -> None:
        ttl = _count_seconds_left(session.expires_at)
        if ttl > 0:
            value = _encode(to_builtins(session), to_builtins(user))
            await self._storage.set(session.token, value, ttl)
            # After it, so that a request that ends all listed sessions never drops a future one.
            await self._references.put(session)
            # The user may have changed while a password was checked; who changes one from here on
            # finds the session listed.
            await self._refresh(session.token, user.id)

    async def withdraw(self, session: Session) -> None:
        await self.remove(session.token)

    def list_rows(self, session: Session) -> Sequence[Row]:
        """Returns nothing: `reserve` has stored it."""
        return []

    async def change(self, active: ActiveSession, changes: Mapping[str, object]) -> Session | None:
        changed = {self._names.get(name, name): value for name, value in changes.items()}
        for _ in range(_ATTEMPTS):
            entry = await self._find_entry(active.session.token)
            if entry is None:
                return None
            document = {**entry.session, **changed}
            session = self._convert_session(document)
            if session is None or await self._replace(entry, document, entry.user):
                if session is not None and session.expires_at != entry.session["expiresAt"]:
                    await self._references.put(session)
                return session
        raise StoreUnavailable

    async def end(
        self, token: str, record: RecordEnd, *, user_id: str | None = None
    ) -> EndedSession | None:
        ended = await self.remove(token, user_id=user_id)
        if ended is not None:
            await record(ended, None)
        return ended

    async def remove(self, token: str, *, user_id: str | None = None) -> EndedSession | None:
        """Ends a session and leaves it to the caller to record it."""
        entry = await self._find_entry(token)
        owner = "" if entry is None else str(entry.session.get("userId"))
        if entry is None or user_id not in (None, owner):
            return None
        await self._storage.delete(token)
        await self._references.drop(owner, [token])
        return EndedSession(
            str(entry.session.get("id")), owner, self._convert_session(entry.session)
        )

    async def end_all(self, user_id: str, record: RecordEnds, *, but: str | None = None) -> int:
        count = await self.end_secondary(user_id, but=but)
        await record(EndedSessions(count), None)
        return count

    async def end_rows(self, user_id: str, tx: AsyncConnection) -> Sequence[Session]:
        """Does nothing: there are no rows."""
        return []

    async def end_secondary(self, user_id: str, *, but: str | None = None) -> int:
        if but is None:
            await self._revocations.mark(user_id)
        tokens = [one for one in await self._references.list_tokens(user_id, clock()) if one != but]
        await self._storage.delete(*tokens)
        await self._references.drop(user_id, tokens)
        return len(tokens)

    async def refresh_user(self, user: User) -> None:
        tokens = await self._references.list_tokens(user.id, clock())
        await asyncio.gather(*(self._refresh(token, user.id) for token in tokens))

    async def _refresh(self, token: str, user_id: str) -> None:
        """Writes the current user into a session, never an older state.

        For changes at the same time `updatedAt` does not tell which one was last. So it reads the
        row after the entry that it replaces.
        """
        for _ in range(_ATTEMPTS):
            entry = await self._find_entry(token)
            row = await self._database.read_one(self._user, {"user_id": user_id})
            if entry is None or row is None:
                return
            latest = {**entry.user, **to_builtins(self._mappers.user.to_record(row))}
            if latest == entry.user or await self._replace(entry, entry.session, latest):
                return
        raise StoreUnavailable

    async def _replace(self, entry: Entry, session: Json, user: Json) -> bool:
        """Replaces an entry. Returns False if another write was faster. Skips expiring ones."""
        ttl, token = _count_seconds_left(str(session["expiresAt"])), str(session["token"])
        return ttl < 1 or await self._storage.swap(token, entry.text, _encode(session, user), ttl)

    async def _find_unrevoked(self, token: str) -> Entry | None:
        """Returns the entry, unless it is revoked.

        The user of a session never changes. A caller that knows the user reads entry and mark
        together.
        """
        owner = self._owners.get(token)
        if owner is not None:
            text, mark = await self._storage.get_many(token, make_key(owner))
            entry = _read(token, text)
            if entry is None or entry.session.get("userId") == owner:
                return None if entry is None or _is_over(entry, mark) else entry
        entry = await self._find_entry(token)
        if entry is None:
            return None
        owner = str(entry.session.get("userId"))
        mark = await self._storage.get(make_key(owner))
        self._owners.keep(token, owner, [token, owner])
        return None if _is_over(entry, mark) else entry

    async def _find_entry(self, token: str) -> Entry | None:
        return _read(token, await self._storage.get(token))

    def _convert_session(self, document: Json) -> Session | None:
        return _convert(document, self._mappers.session.record_type)


def _read(token: str, text: str | None) -> Entry | None:
    """Reads an entry. A token may also be the key of another value, which is not a session."""
    try:
        found = json.decode(text or "null")
        entry = Entry(text or "", found["session"], found["user"])
        sound = entry.session["token"] == token and isinstance(entry.user, dict)
        from_iso(str(entry.session["expiresAt"]))
    except (DecodeError, TypeError, KeyError, ValueError):
        return None
    return entry if sound else None


def _is_own(entry: Entry) -> bool:
    return not entry.session.get(IMPERSONATION_COLUMN)


def _is_over(entry: Entry, mark: str | None) -> bool:
    return is_revoked(mark, entry.session.get("createdAt"))


def _convert(document: Json, kind: type[R]) -> R | None:
    try:
        return convert(document, kind)
    except ValidationError:
        return None


def _encode(session: Json, user: Json) -> str:
    return json.encode({"session": session, "user": user}).decode()


def _count_seconds_left(expires_at: str) -> int:
    return math.floor((from_iso(expires_at) - clock()).total_seconds())
