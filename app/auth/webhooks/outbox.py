"""Writes the events of webhooks, in the transaction of what they tell."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import now
from ...models.mappers import Mapper
from ...models.records import Session, User
from ...models.tables import Tables
from ...settings.webhooks import EVENTS, WebhookEvent
from ...storage.after_commit import start_after_commit
from ..hooks import Hooks, UpdatedUser, UserBan
from .events import hide_token, list_public_names, make_event_row
from .table import webhook_events


class WebhookOutbox:
    """Adds an event to the outbox for everything that `events` names; all without names.

    `notify` is called after the commit of each one. Made-up users, and trials of a deletion, are
    rolled back with their events.
    """

    def __init__(
        self,
        tables: Tables,
        mapper: Mapper[User],
        events: Collection[str],
        notify: Callable[[], None],
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        table = tables.make(webhook_events)
        self._insert = insert(table).inline()
        of_user = table.c.user_id == bindparam("user_id")
        self._forget = delete(table).where(of_user, table.c.dead_at.is_not(None))
        columns = mapper.table.c
        self._by_id = select(*mapper.columns).where(columns.id == bindparam("user_id"))
        self._mapper = mapper
        self._events = frozenset(events or EVENTS)
        self._notify = notify
        self._clock = clock

    def make_hooks(self) -> Hooks:
        """Returns the hooks that write the events."""
        on = self._events
        updates = {"user.updated", "user.email_verified"}
        return Hooks(
            user_created=[self._on_user_created] if "user.created" in on else [],
            user_updated=[self._on_user_updated] if updates & on else [],
            user_deleted=[self._on_user_deleted],
            user_banned=[self._on_user_banned] if "user.banned" in on else [],
            user_unbanned=[self._on_user_unbanned] if "user.unbanned" in on else [],
            password_changed=[self._on_password_changed] if "user.password_changed" in on else [],
            session_created=[self._on_session_created] if "session.created" in on else [],
            session_deleted=[self._on_session_ended] if "session.ended" in on else [],
        )

    async def _on_user_created(self, user: User, tx: AsyncConnection) -> None:
        await self._add(tx, "user.created", user.id, {"user": user})

    async def _on_user_updated(self, updated: UpdatedUser, tx: AsyncConnection) -> None:
        user, values = updated.user, updated.values
        changed = list_public_names(user, values)
        if changed:
            await self._add(tx, "user.updated", user.id, {"user": user, "changed": changed})
        if values.get("email_verified"):
            await self._add(tx, "user.email_verified", user.id, {"user": user})

    async def _on_user_deleted(self, user: User, tx: AsyncConnection) -> None:
        # What was given up would keep the address of somebody who is gone.
        await tx.execute(self._forget, {"user_id": user.id})
        await self._add(tx, "user.deleted", user.id, {"user": user})

    async def _on_user_banned(self, ban: UserBan, tx: AsyncConnection) -> None:
        data = {"user": ban.user, "reason": ban.reason, "expiresAt": ban.expires_at}
        await self._add(tx, "user.banned", ban.user.id, data)

    async def _on_user_unbanned(self, user: User, tx: AsyncConnection) -> None:
        await self._add(tx, "user.unbanned", user.id, {"user": user})

    async def _on_password_changed(self, user_id: str, tx: AsyncConnection) -> None:
        row = (await tx.execute(self._by_id, {"user_id": user_id})).first()
        if row is not None:
            user = self._mapper.to_record(row)
            await self._add(tx, "user.password_changed", user_id, {"user": user})

    async def _on_session_created(self, session: Session, user: User, tx: AsyncConnection) -> None:
        await self._add(tx, "session.created", user.id, {"session": hide_token(session)})

    async def _on_session_ended(self, session: Session, tx: AsyncConnection) -> None:
        await self._add(tx, "session.ended", session.user_id, {"session": hide_token(session)})

    async def _add(
        self, tx: AsyncConnection, event: WebhookEvent, user_id: str, data: Mapping[str, object]
    ) -> None:
        if event in self._events:
            await tx.execute(self._insert, make_event_row(event, user_id, data, self._clock()))
            start_after_commit(tx, self._notify)
