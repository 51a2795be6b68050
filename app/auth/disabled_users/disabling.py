"""Disables and enables users, for an operator: whatever plugins are on, on every server."""

from contextlib import suppress
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import Executable, bindparam, delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import to_iso
from ...models.errors import StoreUnavailable
from ...models.records import User
from ...models.tables import Tables
from ...schema.names import quote_path
from ...storage.database import Database
from ..audit.audit import Audit
from ..audit.events import Event
from ..hooks import UserBan
from ..sessions.sessions import Sessions
from .ban_marks import BanMark, BanMarks
from .impersonators import Impersonators

NO_REASON: Final = "Disabled by an operator"


class DisabledMark(Struct, frozen=True):
    """When and why a user was disabled. `sets_ban`: the ban of the admin plugin came with it."""

    since: str
    reason: str | None
    sets_ban: bool


class Disabled(Struct, frozen=True):
    """What `Disabling.disable` did. `before`: the mark or the ban that was there already.

    `bans`: whether the columns of the admin plugin say so, too.
    """

    sessions: int
    bans: bool
    before: DisabledMark | None
    banned_before: BanMark | None


class Enabled(Struct, frozen=True):
    """What `Disabling.enable` did. `before` None: the user was not disabled.

    `banned`: a ban that was not set by `disable`, and stays.
    """

    before: DisabledMark | None
    banned: BanMark | None


class Disabling:
    """Writes the marks of `DisabledUsers`.

    The mark is first, so that no session begins; then come the ban columns, and then all sessions
    end. Each step has a transaction of its own, so that none holds what another waits for, and
    all of them may be repeated. `enable` takes both back in one transaction.
    """

    def __init__(
        self,
        database: Database,
        tables: Tables,
        bans: BanMarks,
        sessions: Sessions,
        impersonators: Impersonators,
    ) -> None:
        self._database = database
        self._bans = bans
        self._sessions = sessions
        self._audit: Audit = sessions.audit
        self._impersonators = impersonators
        self._table = table = tables.disabled_users
        is_theirs = table.c.userId == bindparam("user_id")
        self._mark = select(table.c.disabledAt, table.c.reason, table.c.setsBan).where(is_theirs)
        users = tables.users
        self._hold_user = (
            select(users.c.id)
            .where(users.c.id == bindparam("user_id"))
            .with_for_update(read=True, key_share=True)
        )

    async def find(self, user_id: str) -> DisabledMark | None:
        """Returns the mark of a user, None if the user is not disabled."""
        row = await self._database.read_one(self._mark, {"user_id": user_id})
        return None if row is None else DisabledMark(*row)

    async def find_ban(self, user_id: str) -> BanMark | None:
        """Returns the ban of the admin plugin, None without one."""
        return await self._bans.find(user_id)

    async def disable(self, user: User, reason: str | None, now: datetime) -> Disabled:
        """Refuses all new sessions of the user, and ends those that there are.

        A ban that an administrator set stays; one with an end is replaced. Raises
        `StoreUnavailable`, also where Redis is away: the mark stands then, and a second call ends
        the sessions. Raises what a hook raises; one that is asked before refuses the whole.
        """
        with suppress(StoreUnavailable):
            await self._sessions.ends.ask(user.id)
        banned = await self._bans.find(user.id)
        sets_ban = self._bans.are_there and (banned is None or banned.expires is not None)
        async with self._database.begin() as tx:
            before = await self._mark_in(tx, user, reason, now, sets_ban=sets_ban)
        if sets_ban and (before is None or before.sets_ban):
            chosen = reason if before is None else before.reason
            await self._bans.set(user.id, chosen or NO_REASON, now)
        ended = await self._sessions.ends.end_asked(user.id)
        ended += await self._impersonators.end_all_of(user.id)
        return Disabled(ended, self._bans.are_there, before, banned)

    async def enable(self, user: User, now: datetime) -> Enabled:
        """Lets the user sign in again. A ban that `disable` did not set stays.

        Raises what a hook raises; nothing changes then.
        """
        banned = await self._bans.find(user.id)
        before = await self.find(user.id)
        if before is None:
            return Enabled(None, banned)
        ours = (BanMark(before.reason or NO_REASON, None), BanMark(None, None))
        lifts = before.sets_ban and banned in ours
        banned = None if lifts else banned
        async with self._database.begin() as tx:
            if lifts:  # before the mark, as a deletion locks them
                await self._bans.clear(tx, user.id, now)
            await tx.execute(delete(self._table).where(self._table.c.userId == user.id))
            await self._audit.add(tx, Event("enabled", user.id))
            if banned is None:
                for hook in self._sessions.hooks.user_unbanned:
                    await hook(user, tx)
        return Enabled(before, banned)

    async def _mark_in(
        self,
        tx: AsyncConnection,
        user: User,
        reason: str | None,
        now: datetime,
        *,
        sets_ban: bool,
    ) -> DisabledMark | None:
        """Returns the mark that was there, which stays."""
        await tx.execute(self._hold_user, {"user_id": user.id})
        for statement in self._list_locks():
            await tx.execute(statement)
        row = (await tx.execute(self._mark, {"user_id": user.id})).first()
        if row is not None:
            return DisabledMark(*row)
        values = {
            "userId": user.id,
            "disabledAt": to_iso(now),
            "reason": reason,
            "setsBan": sets_ban,
        }
        await tx.execute(insert(self._table), values)
        await self._audit.add(tx, Event("disabled", user.id))
        for hook in self._sessions.hooks.user_banned:
            await hook(UserBan(user, reason), tx)
        return None

    def _list_locks(self) -> list[Executable]:
        """Waits for every transaction that looked for a mark and has not ended.

        It delays none that only reads the table, such as a dump.
        """
        if self._database.dialect == "sqlite":
            return []
        table = quote_path(self._table.schema, self._table.name)
        return [text(f"LOCK TABLE {table} IN EXCLUSIVE MODE".replace(":", r"\:"))]
