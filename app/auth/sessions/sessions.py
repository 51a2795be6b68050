"""Sessions: start, resolve and renew them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

from msgspec import UNSET, structs
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.additional_fields import Json, collect_defaults
from ...models.clock import from_iso, to_iso
from ...models.errors import StoreUnavailable
from ...models.identifiers import generate_id
from ...models.mappers import Mapper
from ...models.records import Client, Session, User
from ...models.telemetry.log_context import note_new_session
from ...models.telemetry.metrics import SESSIONS_CREATED, SESSIONS_RENEWED
from ...settings.options import SessionOptions
from ...storage.refused_values import refuse_values
from ...storage.steps import Call, Step, run_steps
from ..additional_input import collect_changes
from ..errors import FailedToGetSession, FailedToUpdateSession, NoFieldsToUpdate
from ..hooks import PendingSession, SessionAdded, SessionCreated, Values
from .cookies import RequestCredentials
from .ends import SessionEnds
from .store import ActiveSession

# Of a session with rememberMe false, whatever `expiresIn` says.
FORGETFUL_AGE: Final = timedelta(days=1)


class Sessions:
    """Starts, resolves, renews and changes sessions in a store. `ends` ends them."""

    def __init__(
        self,
        ends: SessionEnds,
        options: SessionOptions,
        mapper: Mapper[Session],
    ) -> None:
        self.ends = ends
        self.store = ends.store
        self.hooks = ends.hooks
        self.audit = ends.audit
        self._options = options
        self._mapper = mapper
        self._due_before = timedelta(seconds=options.expires_in - options.update_age)

    @property
    def defers_refresh(self) -> bool:
        """Whether only POST /get-session renews sessions, so that a GET does not write."""
        return self._options.defer_session_refresh

    @asynccontextmanager
    async def start(
        self,
        user: User,
        client: Client,
        now: datetime,
        *,
        remember: bool,
        values: Values | None = None,
    ) -> AsyncIterator[Session]:
        """Reserves a new session with a new token; the block adds it to the store.

        `values` are fields, by attribute, that differ from what a new session has. Where the block
        raises there is none. Raises what a hook raises.
        """
        allowed = {**(values or {}), **await self.run_hooks(user, now)}
        async with self.start_allowed(
            user, client, now, remember=remember, values=allowed
        ) as session:
            yield session

    @asynccontextmanager
    async def start_allowed(
        self, user: User, client: Client, now: datetime, *, remember: bool, values: Values
    ) -> AsyncIterator[Session]:
        """Does the same after `run_hooks`, which returned `values`: no hook runs twice."""
        starting = self._reserve(user, client, now, remember=remember, values=values)
        async with starting as session:
            yield session
        note_new_session()

    @asynccontextmanager
    async def _reserve(
        self, user: User, client: Client, now: datetime, *, remember: bool, values: Values
    ) -> AsyncIterator[Session]:
        session = self._make_session(user, client, now, values, remember=remember)
        await self.store.reserve(session, user)
        try:
            yield session
        except BaseException:
            with suppress(StoreUnavailable):  # it expires, and nobody has its token
                await self.store.withdraw(session)
            raise
        SESSIONS_CREATED.count()

    async def add(self, session: Session, user: User, tx: AsyncConnection) -> None:
        """Writes a reserved session as a step of `tx`. Raises what a hook raises.

        Lock the account before: hooks lock the user.
        """
        await run_steps(tx, self.list_steps(session, user))

    def list_steps(self, session: Session, user: User, made: Sequence[User] = ()) -> list[Step]:
        """Returns the steps of `add`, for a transaction that is known before it begins.

        `made` has the user as it is stored, once an earlier step has stored it.
        """

        def call(hook: SessionAdded | SessionCreated) -> Call:
            async def run(tx: AsyncConnection) -> None:
                await hook(session, made[0] if made else user, tx)

            return Call(run)

        return [
            *(check for hook in self.hooks.session_checks for check in hook(session, user)),
            *map(call, self.hooks.session_added),
            *self.store.list_rows(session),
            *map(call, self.hooks.session_created),
        ]

    @asynccontextmanager
    async def start_again(self, old: Session, user: User, now: datetime) -> AsyncIterator[Session]:
        """Reserves a session in place of `old`; the block adds it, and the caller ends `old`.

        It has the client of `old`, and its additional fields without a default value (the
        `override` of `createSession`, Better Auth 1.7.25). Raises what a hook raises.
        """
        kept = {
            field.name: getattr(old, field.name)
            for field in self._mapper.additional
            if field.default is UNSET and field.returned
        }
        allowed = {**kept, **await self.run_hooks(user, now, replaces=True)}
        client = Client(old.ip_address or "", old.user_agent or "")
        async with self._reserve(user, client, now, remember=True, values=allowed) as session:
            yield session

    async def run_hooks(self, user: User, now: datetime, *, replaces: bool = False) -> Values:
        """Returns the values that hooks give a new session. Raises what a hook raises."""
        values: dict[str, object] = {}
        for hook in self.hooks.before_session_created:
            values |= await hook(PendingSession(user, now, replaces))
        return values

    def _make_session(
        self, user: User, client: Client, now: datetime, values: Values, *, remember: bool
    ) -> Session:
        longest_age = timedelta(seconds=self._options.expires_in)
        core = {
            "expires_at": to_iso(now + (longest_age if remember else FORGETFUL_AGE)),
            "token": generate_id(),
            "created_at": to_iso(now),
            "updated_at": to_iso(now),
            "ip_address": client.ip,
            "user_agent": client.user_agent,
            "user_id": user.id,
            "id": self._mapper.generate_id(),
        }
        names = {field.name for field in self._mapper.additional}
        changed = {name: value for name, value in values.items() if name not in names}
        chosen = {name: value for name, value in values.items() if name in names}
        additional = {**collect_defaults(self._mapper.additional), **chosen}
        return self._mapper.make_record({**core, **changed}, additional)

    async def resolve(
        self,
        credentials: RequestCredentials,
        now: datetime,
        *,
        refresh: bool = True,
        write: bool = True,
    ) -> ActiveSession | None:
        """Returns the session of a token, or None, and renews it when it is due.

        Without `write` nothing changes: an expired row stays, and `due` is only reported. Raises
        FailedToGetSession if the row disappears during the renewal.
        """
        if credentials.token is None:
            return None
        found = await self.store.find(credentials.token)
        if found is None:
            return None
        expires_at = from_iso(found.session.expires_at)
        if expires_at < now:
            if write:
                await self.ends.end(credentials.token, "expired")
            return None
        if credentials.dont_remember or not refresh:
            return found
        due = self._is_due(expires_at, now)
        return await self._renew(found, now) if due and write else structs.replace(found, due=due)

    @property
    def additional_names(self) -> Sequence[str]:
        """The additional fields that a body may contain."""
        return [field.name for field in self._mapper.additional]

    async def change(
        self, active: ActiveSession, named: Mapping[str, Json], now: datetime
    ) -> Session | None:
        """Changes additional fields and returns the session, or None if it has ended.

        Raises FieldNotAllowed, NoFieldsToUpdate, FailedToUpdateSession.
        """
        values = collect_changes(self._mapper.additional, named)
        if not values:
            raise NoFieldsToUpdate
        with refuse_values(FailedToUpdateSession):
            return await self.store.change(active, {**values, "updated_at": to_iso(now)})

    def is_fresh(self, session: Session, now: datetime) -> bool:
        """Whether the session began less than `session.freshAge` ago. Renewal does not count."""
        age = self._options.fresh_age
        return age == 0 or now - from_iso(session.created_at) < timedelta(seconds=age)

    def _is_due(self, expires_at: datetime, now: datetime) -> bool:
        """Whether `session.updateAge` has passed since the expiry was set."""
        return not self._options.disable_session_refresh and expires_at <= now + self._due_before

    async def _renew(self, found: ActiveSession, now: datetime) -> ActiveSession:
        expires_at = to_iso(now + timedelta(seconds=self._options.expires_in))
        changes = {"expires_at": expires_at, "updated_at": to_iso(now)}
        session = await self.store.change(found, changes)
        if session is None:
            raise FailedToGetSession
        SESSIONS_RENEWED.count()
        return structs.replace(found, session=session, renewed=True)
