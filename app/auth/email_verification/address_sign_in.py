"""Signs in somebody who has just shown that they read the mail of an address: a link or a code.

The person who signed up with an address that nobody verified may be an attacker. So the first proof
ends what that account had before: passwords, linked accounts and sessions.
Source: `revokeUnprovenAccountAccess` of Better Auth 1.7.25.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

from msgspec import Struct, structs
from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import now as clock
from ...models.errors import StoreUnavailable
from ...models.records import Session, User
from ...models.tables import Tables
from ...models.telemetry.log_context import note_user
from ...storage.refused_values import refuse_values
from ...web.request_context import RequestContext
from ..audit.sign_ins import SignInMethod, make_sign_in, make_sign_up
from ..errors import FailedToCreateUser
from ..sessions.ended import log_sessions_ended
from ..sessions.sessions import Sessions
from ..users.creation import UserCreation
from ..users.users import Users
from .pending_passwords import Spend

_TRIES: Final = 3


class AddressOwner(Struct, frozen=True):
    """Who reads the mail of `email`, an address in lower case.

    `describe` returns the other fields of a new user, by attribute, and may refuse. None: nobody
    signs up this way.
    """

    email: str
    describe: Callable[[], Mapping[str, object]] | None


class AddressSession(Struct, frozen=True):
    """The new session, and whether its user is new."""

    user: User
    session: Session
    is_new: bool = False


class _Changed(Exception):
    """The user is no longer as it was read."""


class AddressSignIn:
    """Signs in the owner of an address. It writes everything, and spends the proof, or nothing."""

    def __init__(
        self,
        users: Users,
        creation: UserCreation,
        sessions: Sessions,
        tables: Tables,
        method: SignInMethod,
    ) -> None:
        self._method: SignInMethod = method
        self._users = users
        self._creation = creation
        self._sessions = sessions
        accounts = tables.accounts
        is_theirs = accounts.c.userId == bindparam("user_id")
        self._lock_accounts = select(accounts.c.id).where(is_theirs).with_for_update()
        self._delete_accounts = delete(accounts).where(is_theirs)

    async def sign_in(
        self, owner: AddressOwner, request: RequestContext, now: datetime, spend: Spend
    ) -> AddressSession | None:
        """Starts a session for the user with this address, or for a new user.

        Returns None, and spends nothing, if there is no such user and none may be made. Raises
        FailedToCreateUser, what `spend` and `describe` raise, and what a hook raises.
        """
        for _ in range(_TRIES):
            user = await self._users.find_by_email(owner.email)
            if user is None and owner.describe is None:
                return None
            try:
                if user is None:
                    return await self._sign_up(owner, request, now, spend)
                return await self._enter(user, request, now, spend)
            except _Changed:
                continue  # nothing was written: look again who has the address
        raise FailedToCreateUser

    async def _sign_up(
        self, owner: AddressOwner, request: RequestContext, now: datetime, spend: Spend
    ) -> AddressSession:
        assert owner.describe is not None
        core = {"email": owner.email, "email_verified": True}
        prepared = await self._creation.prepare({**core, **owner.describe()}, now, request)
        starting = self._sessions.start(prepared.user, request.client, now, remember=True)
        try:
            with refuse_values(FailedToCreateUser):
                async with starting as session, spend() as tx:
                    made = await self._creation.insert(tx, prepared)
                    await self._sessions.add(session, made, tx)
                    await self._sessions.audit.add(tx, make_sign_up(session, self._method))
        except FailedToCreateUser:
            if await self._creation.is_taken(owner.email):
                raise _Changed from None
            raise
        await self._refresh(prepared.user, made)
        self._creation.notify(made, request)
        return AddressSession(made, session, is_new=True)

    async def _enter(
        self, user: User, request: RequestContext, now: datetime, spend: Spend
    ) -> AddressSession:
        note_user(user.id)
        ends, is_first, rows = self._sessions.ends, not user.email_verified, 0
        changes = await self._users.run_hooks(user, {"email_verified": True}) if is_first else {}
        # Before anything ends: who is refused keeps all.
        allowed = await self._sessions.run_hooks(user, now)
        if is_first:
            await ends.ask(user.id)
        kept = await ends.end_secondary(user.id) if is_first else 0
        expected = structs.replace(user, email_verified=True)
        # Not before the others ended, or it would be one of them.
        starting = self._sessions.start_allowed(
            expected, request.client, clock(), remember=True, values=allowed
        )
        async with starting as session, spend() as tx:
            entered = await self._lock_unchanged(tx, user)
            if is_first:
                rows = await self._drop_earlier_access(tx, user.id)
                entered = await self._users.change_in(tx, user.id, changes, now) or entered
            await self._sessions.add(session, entered, tx)
            await self._sessions.audit.add(tx, make_sign_in(session, self._method))
        if is_first:
            with suppress(StoreUnavailable):  # all that had begun before are over
                await ends.end_secondary(user.id, but=session.token)
            log_sessions_ended(user.id, max(kept, rows), "address verified")
        await self._refresh(expected, entered)
        return AddressSession(entered, session)

    async def _lock_unchanged(self, tx: AsyncConnection, seen: User) -> User:
        """Returns the user, who stays as seen until `tx` ends. Raises _Changed.

        It locks accounts before the user, like all code: two orders would cause a deadlock.
        """
        if not seen.email_verified:
            await tx.execute(self._lock_accounts, {"user_id": seen.id})
        user = await self._users.find_locked(tx, seen.id)
        if user is None or (user.email, user.email_verified) != (seen.email, seen.email_verified):
            raise _Changed
        return user

    async def _drop_earlier_access(self, tx: AsyncConnection, user_id: str) -> int:
        """Deletes accounts and sessions. Returns the number of session rows."""
        await tx.execute(self._delete_accounts, {"user_id": user_id})
        return await self._sessions.ends.end_rows(user_id, tx)

    async def _refresh(self, expected: User, stored: User) -> None:
        """Updates the new session outside of the database if the user is not as expected."""
        if stored != expected:
            with suppress(StoreUnavailable):
                await self._sessions.store.refresh_user(stored)
