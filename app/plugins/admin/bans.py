"""Refuses sessions to banned users, and lifts bans that have expired.

Source: `databaseHooks.session.create.before` of the plugin, Better Auth 1.7.25.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.audit.events import Event
from ...auth.hooks import PendingSession, Values
from ...models.clock import from_iso, from_milliseconds, to_iso
from ...models.clock import now as clock
from ...models.records import Session, User
from ..plugin import Services
from .errors import UserIsBanned
from .options import AdminOptions

BANNED: Final = "banned"
BAN_REASON: Final = "banReason"
BAN_EXPIRES: Final = "banExpires"
IMPERSONATED_BY: Final = "impersonatedBy"
LIFTED: Final[Values] = {BANNED: False, BAN_REASON: None, BAN_EXPIRES: None}


class Bans:
    """The hooks of bans. `banned` decides, whatever the user was when the request began."""

    def __init__(self, services: Services, options: AdminOptions) -> None:
        self._services = services
        self._message = options.banned_user_message
        self._table = services.mappers.user.table
        named = {field.name: field.column for field in services.mappers.user.additional}
        columns = self._table.c
        self._banned, self._expires = columns[named[BANNED]], columns[named[BAN_EXPIRES]]
        is_theirs = columns.id == bindparam("user_id")
        self._mark = select(self._banned, self._expires).where(is_theirs)

    async def judge(self, pending: PendingSession) -> Values:
        """Raises UserIsBanned. Lifts a ban that has expired."""
        row = await self._services.database.read_one(self._mark, {"user_id": pending.user.id})
        if row is None or not row[0]:
            return {}
        if not _is_past(row[1], pending.now):
            raise UserIsBanned(self._message)
        await self._lift(pending.user, pending.now)
        return {}

    async def judge_again(self, session: Session, user: User, tx: AsyncConnection) -> None:
        """Does the same in the transaction of the session, also for who impersonates the user.

        Who bans one of them waits for this lock, and ends sessions after it.
        """
        locked = self._mark.with_for_update(read=True)
        for user_id in (user.id, getattr(session, IMPERSONATED_BY, None)):
            row = (await tx.execute(locked, {"user_id": user_id})).first() if user_id else None
            if row is not None and row[0] and not _is_past(row[1], clock()):
                raise UserIsBanned(self._message)

    async def _lift(self, user: User, now: datetime) -> None:
        """Lifts the ban, if it has expired: there may be another one by now."""
        services = self._services
        lifted = services.mappers.user.to_columns({**LIFTED, "updated_at": to_iso(now)})
        theirs = update(self._table).where(self._table.c.id == user.id).values(lifted)
        async with services.database.begin() as tx:
            row = (await tx.execute(self._mark.with_for_update(), {"user_id": user.id})).first()
            if row is None or not _is_past(row[1], now):
                return
            await tx.execute(theirs)
            await services.audit.add(tx, Event("unbanned", user.id, is_automatic=True))
        await services.session_store.refresh_user(user)


def _is_past(expires: object, now: datetime) -> bool:
    """Whether a ban has expired: one without a time, or with one that is unclear, never does."""
    try:
        if isinstance(expires, str) and expires:
            return from_iso(expires) < now
        if isinstance(expires, int | float) and expires:
            return from_milliseconds(int(expires)) < now
    except (ValueError, OverflowError):
        pass
    return False
