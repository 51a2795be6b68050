"""Sessions in a Better Auth database: the user, and whether the session is active."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from .catalog import read_catalog
from .errors import BannedUser, BridgeError, TwoFactorRequired
from .outage import OutageLog
from .per_loop import PerLoop
from .reader import AnyRow, Reader, Unreadable
from .session_statements import (
    BAN_EXPIRES,
    MARKS,
    Lookup,
    NoSessions,
    SessionStatements,
    make_statements,
)
from .table_names import NameOptions
from .table_search import TablesNotClear, fold_name
from .user import User

_LONG_AGO: Final = datetime.fromtimestamp(0, UTC)
# Whom the service gives no token either.
_REFUSALS: Final[Mapping[str, type[BridgeError]]] = dict(
    zip(map(fold_name, MARKS), (BannedUser, TwoFactorRequired), strict=True)
)
_USER: Final = slice(2, 5)  # id, email, name
_MILLISECONDS: Final = 100_000_000_000  # from here on: 1973 in these, the year 5138 in seconds
_SEARCH_PAUSE: Final = 5.0  # seconds until a search that found nothing is repeated
_NO_OPTIONS: Final = NameOptions()

Ask = Callable[[SessionStatements], Lookup | None]


class SessionTable:
    """Reads the sessions and users of a SQLite or PostgreSQL database.

    `database_url`: the service's DATABASE_URL, or the database of a Node server. `prepared`: False
    behind a transaction pooler (DATABASE_PREPARED). `names`: what `modelName` and `fields` say.
    `second_factors`: the service asks for second factors before it makes a session, so users who
    have one are not refused. The tables are searched for at the first use. Every method raises
    Unavailable if the database does not answer. Raises ValueError for an invalid URL.
    """

    def __init__(
        self,
        database_url: str,
        *,
        prepared: bool | None = None,
        names: NameOptions = _NO_OPTIONS,
        second_factors: bool = False,
    ) -> None:
        self._reader = Reader(database_url, prepared=prepared)
        self._names = names
        self._lifted: type[BridgeError] | None = TwoFactorRequired if second_factors else None
        self._outage = OutageLog("sessions can't be read")
        self._statements: SessionStatements | None = None
        self._searching = PerLoop(asyncio.Lock)
        self._refused = ""
        self._refused_until = 0.0

    async def find_user(self, token: str) -> User | None:
        """Returns the user of an active session with this token, or None.

        Raises BannedUser or TwoFactorRequired for users whom plugins of a Node server restrict.
        """
        if not token.isprintable():  # no token is, and PostgreSQL can't be asked for NUL
            return None
        row = await self._fetch(lambda statements: statements.select_by_token(token))
        return None if row is None else _read_user(row, datetime.now(UTC), self._lifted)

    async def is_alive(self, session_id: str, user_id: str) -> bool:
        """Whether this user's session, by its row id, is active. Raises like `find_user`."""
        if not session_id.isprintable():
            return False
        row = await self._fetch(lambda statements: statements.select_by_id(session_id))
        user = None if row is None else _read_user(row, datetime.now(UTC), self._lifted)
        return user is not None and user.id == user_id

    async def check(self) -> None:
        """Checks the tables at the start. Raises ValueError if they are not Better Auth's."""
        await self._fetch(SessionStatements.select_nothing, at_start=True)

    async def close(self) -> None:
        """Closes the connections."""
        await self._reader.close()

    async def _fetch(self, ask: Ask, *, at_start: bool = False) -> AnyRow | None:
        try:
            row = await self._find_row(ask)
        except (NoSessions, TablesNotClear) as fault:
            if at_start:
                raise ValueError(f"DATABASE_URL: {fault}") from None
            raise self._outage.refuse(str(fault)) from None
        except Unreadable as fault:
            raise self._outage.refuse(str(fault)) from None
        self._outage.end()
        return row

    async def _find_row(self, ask: Ask) -> AnyRow | None:
        statements = self._statements or await self._search(None)
        try:
            return await self._read(ask(statements))
        except Unreadable as fault:
            if not fault.lacks_table:
                raise
        # A migration gave them other names.
        statements = await self._search(statements)
        try:
            return await self._read(ask(statements))
        except Unreadable as fault:
            if not fault.lacks_table:
                raise
            self._refuse(f"{statements.missing} ({fault})")
            raise NoSessions(self._refused) from None

    async def _read(self, lookup: Lookup | None) -> AnyRow | None:
        if lookup is None:
            return None
        return await self._reader.fetch_first(lookup.statement, lookup.parameters)

    async def _search(self, failed: SessionStatements | None) -> SessionStatements:
        """Returns other statements than those that failed, after one search for all who ask."""
        async with self._searching.get():
            if self._statements is not None and self._statements is not failed:
                return self._statements
            if time.monotonic() < self._refused_until:
                raise NoSessions(self._refused)
            catalog = await read_catalog(self._reader.fetch_all, self._reader.dialect)
            try:
                self._statements = make_statements(catalog, self._names)
            except (NoSessions, TablesNotClear) as fault:
                self._statements = None
                self._refuse(str(fault))
                raise
            return self._statements

    def _refuse(self, reason: str) -> None:
        """Keeps the reason for some seconds, so that not every request searches."""
        self._refused, self._refused_until = reason, time.monotonic() + _SEARCH_PAUSE


@lru_cache
def _find_marks(columns: tuple[str, ...]) -> tuple[tuple[int, type[BridgeError]], ...]:
    """Returns the positions of the marks in a row, and what each means."""
    refusals = ((at, _REFUSALS.get(fold_name(name))) for at, name in enumerate(columns))
    return tuple((at, refusal) for at, refusal in refusals if refusal and at >= _USER.stop)


@lru_cache
def _find_ban_ends(columns: tuple[str, ...]) -> tuple[int, ...]:
    """Returns the positions of the ends of a ban in a row."""
    names = enumerate(map(fold_name, columns))
    return tuple(at for at, name in names if name == fold_name(BAN_EXPIRES) and at >= _USER.stop)


def _read_user(row: AnyRow, now: datetime, lifted: type[BridgeError] | None) -> User | None:
    """Returns the user of a row of the statements, or None if the session has expired.

    `lifted` is a refusal that a mark no longer means.
    """
    session_id, stored, user_id, email, name = row[: _USER.stop]
    expires_at = _read_timestamp(stored)
    if expires_at < now:
        return None
    for at, refusal in _find_marks(row._fields):
        if not row[at] or refusal is lifted:
            continue
        if not (refusal is BannedUser and _is_ban_over(row, now)):
            raise refusal
    return User.of(
        {
            "sub": str(user_id),
            "sid": str(session_id),
            "email": email,
            "name": name,
            "exp": int(expires_at.timestamp()),
        }
    )


def _is_ban_over(row: AnyRow, now: datetime) -> bool:
    """Whether the ban has an end, and that is past. One that is unclear is no end."""
    found = [row[at] for at in _find_ban_ends(row._fields) if row[at] is not None]
    ends = [_parse_timestamp(stored) for stored in found]
    return bool(ends) and all(end is not None and end < now for end in ends)


def _read_timestamp(stored: object) -> datetime:
    """Parses a stored time (UTC without a zone). Other values count as past."""
    return _parse_timestamp(stored) or _LONG_AGO


def _parse_timestamp(stored: object) -> datetime | None:
    """Returns None for other values.

    An integer is milliseconds, or seconds where milliseconds would be long ago.
    """
    try:
        if isinstance(stored, int | float):
            seconds = stored / 1000 if stored >= _MILLISECONDS else stored
            return datetime.fromtimestamp(seconds, UTC)
        timestamp = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
        if isinstance(timestamp, datetime):
            return timestamp.replace(tzinfo=timestamp.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
