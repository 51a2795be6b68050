"""Sessions in a Better Auth database: the user, and whether the session is active."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import TextClause, text

from .errors import BannedUser, BridgeError, TwoFactorRequired
from .outage import OutageLog
from .reader import AnyRow, Dialect, Reader, Unreadable
from .user import User

_LONG_AGO: Final = datetime.fromtimestamp(0, UTC)

# Of the admin and the two-factor plugin, whom the service gives no token either.
_MARKS: Final[Mapping[str, type[BridgeError]]] = {
    "banned": BannedUser,
    "twoFactorEnabled": TwoFactorRequired,
}
# A mark counts from the day that a plugin adds its column, so that none is named as a column.
_POSTGRES_MARKS: Final = ", ".join(f'to_jsonb("user")->\'{mark}\' AS "{mark}"' for mark in _MARKS)
# PostgreSQL holds timestamps of years that its driver can't read, and a row that has one neither.
_COLUMNS: Final[Mapping[Dialect, str]] = {
    "sqlite": '"session"."expiresAt", "user".*',
    "postgresql": f"""
        CASE WHEN "session"."expiresAt" > '9999-12-30' THEN '9999-12-30'
             WHEN "session"."expiresAt" > '0001-01-03' THEN "session"."expiresAt" END,
        "user"."id", "user"."email", "user"."name", {_POSTGRES_MARKS}""",
}


class SessionTable:
    """Reads the tables `session` and `user` of a SQLite or PostgreSQL database.

    `database_url`: the service's DATABASE_URL, or the database of a Node server. `prepared`: False
    behind a transaction pooler (DATABASE_PREPARED). Every method raises Unavailable if the database
    does not answer. Raises ValueError for an invalid URL.
    """

    def __init__(self, database_url: str, *, prepared: bool | None = None) -> None:
        self._reader = Reader(database_url, prepared=prepared)
        self._outage = OutageLog("sessions can't be read")
        select = (
            f'SELECT "session"."id", {_COLUMNS[self._reader.dialect]}'  # noqa: S608  # constants
            ' FROM "session" JOIN "user" ON "user"."id" = "session"."userId"'
        )
        self._by_token = text(f'{select} WHERE "session"."token" = :token')
        self._by_id = text(f'{select} WHERE "session"."id" = :id')
        self._none = text(f"{select} WHERE 1 = 0")

    async def find_user(self, token: str) -> User | None:
        """Returns the user of an active session with this token, or None.

        Raises BannedUser or TwoFactorRequired for users whom plugins of a Node server restrict.
        """
        if not token.isprintable():  # no token is, and PostgreSQL can't be asked for NUL
            return None
        row = await self._fetch(self._by_token, {"token": token})
        return None if row is None else _read_user(row, datetime.now(UTC))

    async def is_alive(self, session_id: str, user_id: str) -> bool:
        """Whether this user's session, by its row id, is active. Raises like `find_user`."""
        if not session_id.isprintable():
            return False
        row = await self._fetch(self._by_id, {"id": session_id})
        user = None if row is None else _read_user(row, datetime.now(UTC))
        return user is not None and user.id == user_id

    async def check(self) -> None:
        """Checks the tables at the start. Raises ValueError if they are not Better Auth's."""
        await self._fetch(self._none, {}, at_start=True)

    async def close(self) -> None:
        """Closes the connections."""
        await self._reader.close()

    async def _fetch(
        self, statement: TextClause, parameters: Mapping[str, object], *, at_start: bool = False
    ) -> AnyRow | None:
        try:
            row = await self._reader.fetch_first(statement, parameters)
        except Unreadable as fault:
            if at_start and fault.lacks_table:
                raise ValueError(
                    f"DATABASE_URL: this database contains no sessions of Better Auth ({fault});"
                    " if they are in Redis only, verify tokens, or set"
                    " BETTER_AUTH_SESSION_STORE_SESSION_IN_DATABASE=true"
                ) from None
            raise self._outage.refuse(str(fault)) from None
        self._outage.end()
        return row


def _read_user(row: AnyRow, now: datetime) -> User | None:
    """Returns the user of a row of `_COLUMNS`, or None if the session has expired."""
    session_id, stored, *_ = row
    columns = dict(zip(row._fields[2:], row[2:], strict=True))
    expires_at = _read_timestamp(stored)
    if expires_at < now:
        return None
    for mark, refusal in _MARKS.items():
        if columns.get(mark):
            raise refusal
    return User.of(
        {
            "sub": str(columns["id"]),
            "sid": str(session_id),
            "email": columns.get("email"),
            "name": columns.get("name"),
            "exp": int(expires_at.timestamp()),
        }
    )


def _read_timestamp(stored: object) -> datetime:
    """Parses a stored time (UTC without a zone). Other values count as past."""
    try:
        timestamp = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
        if isinstance(timestamp, datetime):
            return timestamp.replace(tzinfo=timestamp.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    return _LONG_AGO
