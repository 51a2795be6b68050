"""The sessions that a second factor completes or replaces."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.audit.sign_ins import make_sign_in
from ...auth.sessions.cookies import SetCookie
from ...auth.sessions.sessions import Sessions
from ...auth.sessions.store import ActiveSession
from ...models.clock import now as clock
from ...models.errors import Unauthorized
from ...models.records import Session, User
from ...web.endpoint import AnyApiRequest
from ..plugin import Services
from .challenges import Challenges, OpenChallenge
from .trusted_devices import TrustedDevices

Step = Callable[[AsyncConnection], Awaitable[None]]


class IssuedCookies(Struct, frozen=True):
    """A new session, its user, and the headers of the response."""

    session: Session
    user: User
    headers: list[SetCookie]


class FactorSessions:
    """Starts the session of a challenge, and replaces a session when the factor changes."""

    def __init__(self, services: Services, challenges: Challenges, devices: TrustedDevices) -> None:
        self._services = services
        self._challenges = challenges
        self._devices = devices
        self._sessions: Sessions = services.sessions

    async def complete(
        self,
        challenge: OpenChallenge,
        request: AnyApiRequest,
        step: Step,
        *others: str,
        trust_device: bool,
    ) -> IssuedCookies:
        """Starts the session that password and code have earned.

        `step` runs in the transaction and raises if the code was used meanwhile. `others` are
        one-time values that are spent with the challenge. Raises InvalidTwoFactorCookie, and what
        refuses a session.
        """
        services, user = self._services, challenge.user
        starting = self._sessions.start(user, request.client, clock(), remember=challenge.remember)
        spending = self._challenges.spend(challenge, request.now, *others)
        async with starting as session, spending as tx:
            await step(tx)
            await self._sessions.add(session, user, tx)
            await services.audit.add(tx, make_sign_in(session, "two-factor"))
        more, remember = [self._challenges.expire()], challenge.remember
        forgetting = services.cookies.forget_choice()
        if trust_device:
            more += [await self._devices.remember(user, request.now), forgetting]
        headers = await services.guard.give(session, user, request, remember=remember, more=more)
        if trust_device:
            headers = _keep_last(forgetting, headers)
        return IssuedCookies(session, user, headers)

    async def replace(
        self,
        request: AnyApiRequest,
        caller: ActiveSession,
        changes: Mapping[str, object],
        step: Step,
        opening: AbstractAsyncContextManager[AsyncConnection] | None = None,
    ) -> IssuedCookies:
        """Changes the user, and replaces the session of the request in the same transaction.

        `step` runs in it. `opening` begins it, if it spends something. Raises Unauthorized if the
        user was deleted, and what a hook refuses.
        """
        services, store = self._services, self._sessions.store
        user, old = caller.user, caller.session
        allowed = await services.users.run_hooks(user, changes)
        starting = self._sessions.start_again(old, user, clock())
        async with starting as session, opening or services.database.begin() as tx:
            changed = await services.users.change_in(tx, user.id, allowed, request.now)
            if changed is None:
                raise Unauthorized
            await step(tx)
            await self._sessions.add(session, changed, tx)
        await store.refresh_user(changed)
        await self._sessions.ends.end(old.token, "replaced")
        headers = await services.guard.give(session, changed, request)
        return IssuedCookies(session, changed, headers)


def _keep_last(last: SetCookie, headers: Sequence[SetCookie]) -> list[SetCookie]:
    """Returns the headers without other ones for the cookie of `last`."""
    cookie = last[1].partition("=")[0] + "="
    places = [place for place, each in enumerate(headers) if each[1].startswith(cookie)]
    return [each for place, each in enumerate(headers) if place not in places[:-1]]
