"""Administrators as other users, for a time.

Source: `impersonateUser` and `stopImpersonating` of Better Auth 1.7.25.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Select, bindparam, select

from ...auth.audit.events import Event
from ...auth.errors import NoSuchUser
from ...auth.sessions.signed_cookie import SignedCookie
from ...auth.sessions.store import ActiveSession
from ...models.clock import to_iso
from ...models.records import Session, User
from ...models.telemetry.log_events import log_event
from ...settings.cookie_definitions import CookieDefinition, resolve_cookie
from ...settings.cookie_options import CookieAttributes
from ...web.endpoint import AnyApiRequest
from ...web.http.asgi import Header
from ..plugin import Services
from .access import AdminAccess
from .bans import IMPERSONATED_BY
from .bodies import ImpersonationView
from .errors import (
    AdminSessionNotFound,
    ImpersonatorNotFound,
    MayNotImpersonate,
    MayNotImpersonateAdmins,
    NotImpersonating,
)
from .options import AdminOptions

COOKIE: Final = "admin_session"
_REMEMBERED: Final = "true"  # what `dont_remember` contains
_log = logging.getLogger("better_auth.admin")

Impersonation = tuple[ImpersonationView, Sequence[Header]]


class Impersonations:
    """Begins and ends them. The administrator's own session goes into a cookie of its own."""

    def __init__(self, services: Services, options: AdminOptions, access: AdminAccess) -> None:
        self._services = services
        self._access = access
        self._age = timedelta(seconds=options.impersonation_session_duration)
        # It lives as long as the session cookie, but expires with attributes of its own.
        definition = resolve_cookie(services.settings, COOKIE)
        lifetime = CookieAttributes(max_age=services.settings.session.expires_in)
        token = resolve_cookie(services.settings, "session_token", lifetime)
        named = CookieDefinition(definition.name, token.attributes)
        self._cookie = SignedCookie(named, services.signatures)
        self._expiring_cookie = services.make_cookie(COOKIE)
        self._by_admin = _select_by_admin(services)

    async def begin(
        self, caller: User, own: Session, user: User, request: AnyApiRequest
    ) -> Impersonation:
        """Returns a session of `user`, and its cookies. `own` is the session of the caller.

        Raises MayNotImpersonate, MayNotImpersonateAdmins, NoSuchUser and what refuses a session.
        """
        services, guard = self._services, self._services.guard
        self._check(caller, user)
        values = {IMPERSONATED_BY: caller.id, "expires_at": to_iso(request.now + self._age)}
        starting = services.sessions.start(
            user, request.client, request.now, remember=False, values=values
        )
        async with starting as session, services.database.begin() as tx:
            # Who loses the rights after this waits for the locks, and then ends the session.
            now_user = await services.users.lock(tx, user.id)
            now_caller = await services.users.lock(tx, caller.id)
            if now_user is None or now_caller is None:
                raise NoSuchUser
            self._check(now_caller, now_user)
            await services.sessions.add(session, user, tx)
            began = Event("impersonation_began", user.id, session_id=session.id)
            await services.audit.add(tx, began)
        log_event(_log, "impersonation began", user=user.id, session=session.id, admin=caller.id)
        brought = services.cookies.read_cookies(request.headers)
        remembered = _REMEMBERED if brought.dont_remember else ""
        headers = [
            *guard.expire_cookies(request.headers),
            self._cookie.give(f"{own.token}:{remembered}"),
            *await guard.give(session, user, request, remember=False),
        ]
        return ImpersonationView(session, user), headers

    def _check(self, caller: User, user: User) -> None:
        self._access.check(caller, "user", "impersonate", MayNotImpersonate)
        if self._access.is_admin(user) and not self._access.can_impersonate_admins(caller):
            raise MayNotImpersonateAdmins

    async def end(self, active: ActiveSession, request: AnyApiRequest) -> Impersonation:
        """Ends the session `active`. Returns the administrator's own session, and its cookies.

        Raises NotImpersonating, ImpersonatorNotFound, AdminSessionNotFound.
        """
        services = self._services
        impersonator = getattr(active.session, IMPERSONATED_BY)
        if not impersonator:
            raise NotImpersonating
        admin = await services.users.find_by_id(str(impersonator))
        if admin is None:
            raise ImpersonatorNotFound
        token, _, forgets = (self._cookie.find(request.headers) or "").partition(":")
        own = await services.session_store.find(token) if token else None
        if own is None or own.session.user_id != admin.id:
            raise AdminSessionNotFound
        await services.sessions.ends.end(active.session.token, "impersonation ended")
        issued = await services.guard.give(own.session, own.user, request, remember=not forgets)
        headers = [*issued, self._expiring_cookie.expire()]
        return ImpersonationView(own.session, own.user), headers

    async def end_all_of(self, admin_id: str) -> None:
        """Ends the sessions that an administrator has as other users.

        Sessions that are only in Redis cannot be found by their administrator, and expire.
        """
        if self._by_admin is None:
            return
        database, sessions = self._services.database, self._services.sessions
        for (token,) in await database.read_all(self._by_admin, {"admin_id": admin_id}):
            await sessions.ends.end(token, "revoked")

    @staticmethod
    def hide(sessions: Sequence[Session]) -> Sequence[Session]:
        """Returns the sessions that are the user's own, for `/list-sessions`."""
        return [session for session in sessions if not getattr(session, IMPERSONATED_BY, None)]


def _select_by_admin(services: Services) -> Select[str] | None:
    """Returns the statement for the tokens of an administrator, None without such rows."""
    in_database = services.settings.session.store_session_in_database
    if services.session_store.uses_secondary_storage and not in_database:
        return None
    mapper = services.mappers.session
    named = {field.name: field.column for field in mapper.additional}
    is_theirs = mapper.table.c[named[IMPERSONATED_BY]] == bindparam("admin_id")
    return select(mapper.table.c.token).where(is_theirs)
