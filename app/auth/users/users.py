"""The users, by id and by address. Every change of a user is made here."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import to_iso
from ...models.mappers import Mapper
from ...models.records import User
from ...storage.database import Database
from ...storage.refused_values import has_nul
from ..audit.audit import Audit
from ..audit.user_changes import list_changes
from ..hooks import Hooks, UpdatedUser, UserChange, Values
from ..sessions.store import SessionStore
from .bans import run_ban_hooks
from .emails import is_same_address


class Users:
    """Finds and changes users. A change also sets `updatedAt` and updates stored sessions."""

    def __init__(
        self,
        database: Database,
        mapper: Mapper[User],
        sessions: SessionStore,
        hooks: Hooks,
        audit: Audit,
    ) -> None:
        self.audit = audit
        self._database = database
        self._hooks = hooks
        self._mapper = mapper
        self._sessions = sessions
        columns = mapper.table.c
        self._by_id = select(*mapper.columns).where(columns.id == bindparam("user_id"))
        self._by_email = select(*mapper.columns).where(columns.email == bindparam("email"))

    async def find_by_id(self, user_id: str) -> User | None:
        """Returns the user with this id, or None."""
        if has_nul(user_id):  # no id has one
            return None
        row = await self._database.read_one(self._by_id, {"user_id": user_id})
        return None if row is None else self._mapper.to_record(row)

    async def find_by_email(self, email: str) -> User | None:
        """Returns the user with this address, which must be in lower case."""
        row = await self._database.read_one(self._by_email, {"email": email})
        user = None if row is None else self._mapper.to_record(row)
        return user if user is not None and is_same_address(user.email, email) else None

    async def lock(self, tx: AsyncConnection, user_id: str) -> User | None:
        """Returns the user as it is now, or None. It is not changed or deleted until `tx` ends.

        Several may hold it so at once; who is going to change it takes `find_locked`.
        """
        held = await tx.execute(self._by_id.with_for_update(read=True), {"user_id": user_id})
        row = held.first()
        return None if row is None else self._mapper.to_record(row)

    async def find_locked(self, tx: AsyncConnection, user_id: str) -> User | None:
        """Returns the user as it is now. Nobody else changes it until `tx` ends."""
        row = (await tx.execute(self._by_id.with_for_update(), {"user_id": user_id})).first()
        return None if row is None else self._mapper.to_record(row)

    async def has_session_from(self, user_id: str, ip: str, now: datetime) -> bool:
        """Whether the user has a session from this client IP."""
        return any(each.ip_address == ip for each in await self._sessions.list_active(user_id, now))

    async def change(
        self, user: User, changes: Values, now: datetime, *, while_email: str | None = None
    ) -> User | None:
        """Changes these fields (by attribute) and returns the user, or None without one.

        With `while_email` also None where the address is no longer that one.

        An address that is taken raises SQLAlchemy's IntegrityError; a hook may refuse.
        """
        allowed = await self.run_hooks(user, changes)
        async with self._database.begin() as tx:
            found = await self.change_in(tx, user.id, allowed, now, while_email=while_email)
        if found is not None:
            await self._sessions.refresh_user(found)
        return found

    async def run_hooks(self, user: User, changes: Values) -> Values:
        """Returns the changes, changed by the hooks. Call it before `change_in`."""
        for hook in self._hooks.before_user_updated:
            changes = {**changes, **await hook(UserChange(user, changes))}
        return changes

    async def change_in(
        self,
        tx: AsyncConnection,
        user_id: str,
        changes: Mapping[str, object],
        now: datetime,
        *,
        while_email: str | None = None,
    ) -> User | None:
        """Runs `change` as a step of `tx`, and writes its audit events.

        After the commit the caller calls `refresh_user`.
        """
        values = self._mapper.to_columns({**changes, "updated_at": to_iso(now)})
        table = self._mapper.table
        statement = update(table).where(table.c.id == user_id).values(values)
        if while_email is not None:
            statement = statement.where(table.c.email == while_email)
        row = (await tx.execute(statement.returning(*self._mapper.columns))).first()
        if row is None:
            return None
        await self.audit.add(tx, *list_changes(user_id, changes))
        user = self._mapper.to_record(row)
        for hook in self._hooks.user_updated:
            await hook(UpdatedUser(user, changes), tx)
        await run_ban_hooks(self._hooks, user, changes, tx)
        return user
