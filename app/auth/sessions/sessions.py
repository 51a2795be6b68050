"""Sessions: start one, say whose it is, renew it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

from msgspec import structs

from ...models.additional_fields import Json, defaults
from ...models.clock import from_iso, to_iso
from ...models.errors import (
    FailedToGetSession,
    FailedToUpdateSession,
    NoFieldsToUpdate,
    StoreUnavailable,
)
from ...models.identifiers import new_id
from ...models.mappers import Shape
from ...models.records import Session, User
from ...settings.options import SessionPolicy
from ...storage.refused_values import refusing
from ...web.http.client import Client
from ..additional_input import changed
from .cookies import Presented
from .ended import tell_end
from .live import Absent, Live
from .store import SessionStore

# Of a session with rememberMe false, whatever `expiresIn` says.
FORGETFUL_AGE: Final = timedelta(days=1)


class Sessions:
    """The life of a session, over the store that keeps it."""

    def __init__(self, store: SessionStore, policy: SessionPolicy, shape: Shape[Session]) -> None:
        self.store = store
        self._policy = policy
        self._shape = shape
        self._due_before = timedelta(seconds=policy.expires_in - policy.update_age)

    @property
    def defers_refresh(self) -> bool:
        """Whether sessions are renewed by POST /get-session only, so that a GET writes nothing."""
        return self._policy.defer_session_refresh

    @asynccontextmanager
    async def starting(
        self, user: User, client: Client, now: datetime, *, remember: bool
    ) -> AsyncIterator[Session]:
        """A new session with a token never seen before, which the block has the store `add`.

        Where the block raises there is none.
        """
        session = self._new(user, client, now, remember=remember)
        await self.store.reserve(session, user)
        try:
            yield session
        except BaseException:
            with suppress(StoreUnavailable):  # it expires, and nobody has its token
                await self.store.withdraw(session)
            raise

    def _new(self, user: User, client: Client, now: datetime, *, remember: bool) -> Session:
        policy_age = timedelta(seconds=self._policy.expires_in)
        core = {
            "expires_at": to_iso(now + (policy_age if remember else FORGETFUL_AGE)),
            "token": new_id(),
            "created_at": to_iso(now),
            "updated_at": to_iso(now),
            "ip_address": client.ip,
            "user_agent": client.user_agent,
            "user_id": user.id,
            "id": new_id(),
        }
        return self._shape.new(core, defaults(self._shape.additional))

    async def resolve(
        self, presented: Presented, now: datetime, *, refresh: bool = True, write: bool = True
    ) -> Live | Absent:
        """The session of a presented token, renewed when it is due.

        Without `write` nothing is changed: an expired row stays and a due session is only said
        to be. Raises FailedToGetSession when the row goes away during the renewal.
        """
        if presented.token is None:
            return Absent(presented=False)
        found = await self.store.find(presented.token)
        if found is None:
            return Absent(presented=True)
        expires_at = from_iso(found.session.expires_at)
        if expires_at < now:
            if write:
                tell_end(await self.store.end(presented.token), "expired")
            return Absent(presented=True)
        if presented.dont_remember or not refresh:
            return found
        due = self._is_due(expires_at, now)
        return await self._renew(found, now) if due and write else structs.replace(found, due=due)

    @property
    def additional_names(self) -> Sequence[str]:
        """The additional fields that a body may have."""
        return [field.name for field in self._shape.additional]

    async def change(self, live: Live, given: Mapping[str, Json], now: datetime) -> Session | None:
        """The session with additional fields as they came; None where it has ended meanwhile.

        Raises FieldNotAllowed, NoFieldsToUpdate, FailedToUpdateSession.
        """
        values = changed(self._shape.additional, given)
        if not values:
            raise NoFieldsToUpdate
        with refusing(FailedToUpdateSession):
            return await self.store.change(live, {**values, "updated_at": to_iso(now)})

    def is_fresh(self, session: Session, now: datetime) -> bool:
        """Whether it began less than `session.freshAge` ago; renewing makes nothing fresh."""
        age = self._policy.fresh_age
        return age == 0 or now - from_iso(session.created_at) < timedelta(seconds=age)

    def _is_due(self, expires_at: datetime, now: datetime) -> bool:
        """Whether `session.updateAge` has passed since its time was set."""
        return not self._policy.disable_session_refresh and expires_at <= now + self._due_before

    async def _renew(self, found: Live, now: datetime) -> Live:
        expires_at = to_iso(now + timedelta(seconds=self._policy.expires_in))
        changes = {"expires_at": expires_at, "updated_at": to_iso(now)}
        session = await self.store.change(found, changes)
        if session is None:
            raise FailedToGetSession
        return structs.replace(found, session=session, renewed=True)
