"""Anonymous users: how they come, and how they go (`anonymous`, Better Auth 1.7.25)."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from sqlalchemy.exc import DBAPIError

from ...auth.audit.sign_ins import make_sign_up
from ...auth.errors import FailedToDeleteUser
from ...auth.hooks import IssuedSession
from ...models.errors import Refusal, StoreUnavailable
from ...models.identifiers import generate_id
from ...models.records import Session, User
from ...models.telemetry.log_events import log_event
from ...storage.refused_values import refuse_values
from ...storage.unreachable import get_driver_message
from ...web.http.asgi import Header
from ...web.request_context import RequestContext
from ..plugin import Services
from .errors import (
    AlreadyAnonymous,
    DeletionOfAnonymousDisabled,
    FailedToCreateAnonymousUser,
    FailedToDeleteAnonymousUser,
    UserIsNotAnonymous,
)
from .options import IS_ANONYMOUS, AnonymousOptions

_log = logging.getLogger("better_auth.anonymous")

_NAME: Final = "Anonymous"
_PLACEHOLDER_DOMAIN: Final = "anonymous.placeholder.invalid"
# A session that one of these endpoints begins takes the place of the anonymous one.
_LINKING: Final = (
    "/sign-in",
    "/sign-up",
    "/callback",
    "/magic-link/verify",
    "/email-otp/verify-email",
    "/one-tap/callback",
    "/passkey/verify-authentication",
    "/phone-number/verify",
    "/verify-email",
)


class AnonymousUsers:
    """Makes anonymous users, and deletes them."""

    def __init__(self, services: Services, options: AnonymousOptions) -> None:
        self._services = services
        self._options = options

    async def sign_in(
        self, caller: User | None, request: RequestContext, now: datetime
    ) -> tuple[User, Session]:
        """Makes a user and a session, both or none.

        Raises AlreadyAnonymous, FailedToCreateAnonymousUser, and what a hook raises.
        """
        if caller is not None and is_anonymous(caller):
            raise AlreadyAnonymous
        creation, sessions = self._services.user_creation, self._services.sessions
        email = make_address(generate_id(), self._options.email_domain_name)
        values = {"name": _NAME, "email": email, IS_ANONYMOUS: True}
        prepared = await creation.prepare(values, now, request)
        starting = sessions.start(prepared.user, request.client, now, remember=True)
        with refuse_values(FailedToCreateAnonymousUser):
            async with starting as session, self._services.database.begin() as tx:
                user = await creation.insert(tx, prepared)
                await sessions.add(session, user, tx)
                await self._services.audit.add(tx, make_sign_up(session, "anonymous"))
        if user != prepared.user:  # the table changed values on their way in
            with suppress(StoreUnavailable):
                await sessions.store.refresh_user(user)
        creation.notify(user, request)
        return user, session

    async def delete(self, user: User) -> None:
        """Deletes a user who asks for it, with all rows.

        Raises DeletionOfAnonymousDisabled, UserIsNotAnonymous, FailedToDeleteAnonymousUser.
        """
        if self._options.disable_delete_anonymous_user:
            raise DeletionOfAnonymousDisabled
        if not is_anonymous(user):
            raise UserIsNotAnonymous
        try:
            await self._services.removal.remove(user)
        except FailedToDeleteUser:
            raise FailedToDeleteAnonymousUser from None

    async def replace(self, issued: IssuedSession) -> Sequence[Header]:
        """Deletes the anonymous user of a browser that gets a session of another user.

        A failure refuses nothing: the new session exists already.
        """
        if issued.path is None or not issued.path.startswith(_LINKING):
            return ()
        if self._options.disable_delete_anonymous_user or is_anonymous(issued.user):
            return ()
        before = await self._services.guard.find_stored(issued.headers, issued.now)
        if before is None or not is_anonymous(before.user) or before.user.id == issued.user.id:
            return ()
        try:
            await self._services.removal.remove(before.user)
        except (Refusal, DBAPIError) as error:
            reason = get_driver_message(error)
            user = before.user.id
            log_event(_log, "anonymous user not deleted", logging.ERROR, user=user, reason=reason)
        return ()


def is_anonymous(user: User) -> bool:
    """Whether the column says so."""
    return bool(getattr(user, IS_ANONYMOUS, False))


def make_address(name: str, domain: str | None) -> str:
    """Returns an address that nobody has, in lower case."""
    if domain:
        return f"temp-{name}@{domain}".lower()
    return f"{name}@{_PLACEHOLDER_DOMAIN}".lower()
