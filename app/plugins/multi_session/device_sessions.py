"""The sessions of one browser, of several users."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Final

from msgspec import Struct

from ...auth.hooks import IssuedSession
from ...auth.sessions.store import ActiveSession
from ...models.clock import from_iso
from ...models.errors import StoreUnavailable
from ...models.telemetry.log_events import log_event
from ...settings.option_types import Range
from ...web.http.asgi import Header
from ...web.http.headers import Headers
from ..plugin import Services
from .cookies import DeviceCookies

_log: Final = logging.getLogger("better_auth.multi_session")


class MultiSessionOptions(Struct, frozen=True, kw_only=True):
    """A browser gets no cookie for a session above `maximum_sessions`."""

    maximum_sessions: Annotated[int, Range(1)] = 5


class DeviceSessions:
    """Finds and ends the sessions whose cookies a browser has."""

    def __init__(
        self, services: Services, options: MultiSessionOptions, cookies: DeviceCookies
    ) -> None:
        self._most = options.maximum_sessions
        self._cookies = cookies
        self._sessions = services.sessions

    async def find_active(self, token: str, now: datetime) -> ActiveSession | None:
        """Returns the session with this token, None if it has ended or expired."""
        found = await self._sessions.store.find(token)
        return None if found is None or from_iso(found.session.expires_at) < now else found

    async def list_active(self, headers: Headers, now: datetime) -> list[ActiveSession]:
        """Returns the active sessions of a browser, in the order of its cookies."""
        tokens = dict.fromkeys(self._cookies.list_tokens(headers).values())
        found = [await self.find_active(token, now) for token in tokens]
        return [active for active in found if active is not None]

    async def keep(self, issued: IssuedSession) -> Sequence[Header]:
        """Returns the cookie of a session that a browser gets.

        Other sessions of its user end in this browser.
        """
        headers, session = issued.headers, issued.session
        if self._cookies.has(headers, session.token):
            return []
        tokens = self._cookies.list_tokens(headers)
        replaced = [
            name for name, token in tokens.items() if await self._replace(token, issued.user.id)
        ]
        expired = [self._cookies.expire(name) for name in replaced]
        kept = len(self._cookies.list_names(headers)) - len(replaced)
        if kept + 1 > self._most:
            return expired
        return [*expired, self._cookies.make(session.token).give(session.token)]

    async def _replace(self, token: str, user_id: str) -> bool:
        """Ends a session if it is the user's. A store that is down must not refuse the new one."""
        try:
            found = await self._sessions.store.find(token)
            if found is None or found.user.id != user_id:
                return False
            await self._sessions.ends.end(token, "replaced")
        except StoreUnavailable as fault:
            log_event(_log, "session not replaced", logging.WARNING, reason=fault.message)
            return False
        return True

    async def end_all(self, headers: Headers) -> Sequence[Header]:
        """Ends all sessions of a browser, and returns the headers that remove their cookies."""
        tokens = self._cookies.list_tokens(headers)
        await self._end(tokens.values())
        return [self._cookies.expire(name) for name in tokens]

    async def _end(self, tokens: Iterable[str]) -> None:
        for token in dict.fromkeys(tokens):
            await self._sessions.ends.end(token, "sign-out")
