"""Finds the session of a request, and the cookies of its response."""

from datetime import datetime
from enum import Enum
from typing import Any

from msgspec import Struct, structs

from ...models.errors import FailedToGetSession, SessionNotFresh, StoreUnavailable
from ...models.records import Session, User
from ...web.endpoint import ApiRequest, B, Caller, Q
from ...web.http.headers import Headers
from ...web.http.log_context import note_user
from ..hooks import IssuedSession
from .cookies import Presented, SessionCookies, SetCookie
from .live import Absent, Live
from .sessions import Sessions


class Identity(Struct, frozen=True):
    """The session of a request, or None, and the headers of every response to it.

    `is_cached`: the cookie cache answered, and the store was not read.
    """

    live: Live | None
    lines: list[SetCookie]
    is_cached: bool = False


class Cache(Enum):
    """How a cookie cache is used: it answers, the store must confirm it, or not at all."""

    ANSWERS = "answers"
    CONFIRMED = "confirmed"
    IGNORED = "ignored"


SignedIn = tuple[Live, list[SetCookie]]
SignedInRequest = ApiRequest[B, Live, Q]
AnyRequest = ApiRequest[Any, Any, Any]


class Guard:
    """Finds the caller of a request."""

    def __init__(self, sessions: Sessions, cookies: SessionCookies) -> None:
        self._sessions = sessions
        self._cookies = cookies
        self._session_issued = sessions.hooks.session_issued

    def presented(self, headers: Headers) -> Presented:
        """Returns the credentials of a request. Those of a feature come before a cookie."""
        return self._cookies.read(headers)

    async def caller(
        self,
        headers: Headers,
        now: datetime,
        *,
        refresh: bool = True,
        write: bool = True,
        cache: Cache = Cache.ANSWERS,
    ) -> Identity:
        """Returns the caller. For `refresh` and `write` see `Sessions.resolve`."""
        presented = self.presented(headers)
        cached = self._cached(presented, now) if cache is not Cache.IGNORED else None
        if cached is not None and cache is Cache.ANSWERS:
            note_user(cached.user.id)
            return Identity(cached, [], is_cached=True)
        renew = refresh and cached is None
        try:
            chosen = await self._chosen(presented, now)
            found = await self._sessions.resolve(chosen, now, refresh=renew, write=write)
        except FailedToGetSession:
            raise FailedToGetSession(self._cookies.clear(presented)) from None
        if isinstance(found, Absent):
            return Identity(None, self._leaving(presented))
        note_user(found.user.id)
        if cached is not None:
            return Identity(self._cookies.confirmed(found), [])
        if presented.repeated or presented.outdated:
            return Identity(found, await self._anew(found, presented, headers, now))
        disproved = cache is not Cache.IGNORED and self._is_cached(presented)
        renews_cache = refresh and not presented.dont_remember
        cleared = self._cookies.clear_cache() if disproved else []
        if not renews_cache:
            return Identity(found, [*cleared, *self._unused(presented)])
        return Identity(found, [*cleared, *await self._staying(found, presented, headers, now)])

    async def confirmed(self, headers: Headers, now: datetime) -> Live | None:
        """Returns the session of the store. None if it has ended or the store is down."""
        try:
            found = await self._sessions.resolve(
                self.presented(headers), now, refresh=False, write=False
            )
        except StoreUnavailable:
            return None
        return None if isinstance(found, Absent) else found

    def _is_cached(self, presented: Presented) -> bool:
        if presented.repeated:  # which of several caches is whose can't be said
            return False
        return self._cookies.caching and bool(presented.cache) and presented.token is not None

    def _cached(self, presented: Presented, now: datetime) -> Live | None:
        return self._cookies.cached(presented, now) if self._is_cached(presented) else None

    async def _chosen(self, presented: Presented, now: datetime) -> Presented:
        """Chooses of several tokens the one of the newest active session."""
        if not presented.others:
            return presented
        each = [structs.replace(presented, token=token) for token in presented.tokens]
        found = [await self._sessions.resolve(one, now, refresh=False, write=False) for one in each]
        began = [(live.session.created_at if isinstance(live, Live) else "") for live in found]
        return each[began.index(max(began))]

    def _leaving(self, presented: Presented) -> list[SetCookie]:
        """Returns the headers that expire the cookies of a request without a session."""
        if presented.token is not None:
            return self._cookies.clear(presented)
        return self._unused(presented)

    async def _staying(
        self, found: Live, presented: Presented, headers: Headers, now: datetime
    ) -> list[SetCookie]:
        """Returns the cookies to set again for a session of the store."""
        session, user, cookies = found.session, found.user, self._cookies
        if found.renewed:
            renewed = IssuedSession(session, user, headers, None, now)
            lines = await self._give(renewed, presented, remember=True)
        else:
            lines = cookies.cache(session, user, remember=True, now=now, sent=presented.cached)
        return [*self._unused(presented), *lines]

    async def _anew(
        self, found: Live, presented: Presented, headers: Headers, now: datetime
    ) -> list[SetCookie]:
        """Replaces several cookies, or one of an older secret, by one cookie.

        Its header is the last, which counts if a browser has one place for all of them.
        """
        again = IssuedSession(found.session, found.user, headers, None, now)
        lines = await self._give(again, presented, remember=not presented.dont_remember)
        elsewhere = self._cookies.clear_elsewhere(presented) if presented.repeated else []
        return [*elsewhere, *self._unused(presented), *lines]

    def _unused(self, presented: Presented) -> list[SetCookie]:
        """Expires the cookies of a cache that is off now. Empty cookies stay."""
        if self._cookies.caching or not presented.cache:
            return []
        return self._cookies.clear_cached(presented.cached)

    async def anyone(
        self, headers: Headers, now: datetime, *, refresh: bool = True, cache: bool = True
    ) -> Identity:
        """Returns the caller, or one without a session.

        Always reads the store: the endpoint lists or changes something, so a revoked session in a
        cookie cache must not count. Without `cache` it writes a new cache, too.
        """
        write, use = not self._sessions.defers_refresh, Cache.CONFIRMED if cache else Cache.IGNORED
        try:
            return await self.caller(headers, now, refresh=refresh, write=write, cache=use)
        except FailedToGetSession as gone:
            return Identity(None, list(gone.headers))

    async def identify(
        self,
        caller: Caller,
        headers: Headers,
        now: datetime,
        *,
        refresh: bool = True,
        cache: bool = True,
    ) -> tuple[Live | None, list[SetCookie]]:
        """Returns the session that an endpoint asks for, or None, and the caller's headers.

        Raises SessionNotFresh.
        """
        cache = cache and caller is not Caller.STORED
        found = await self.anyone(headers, now, refresh=refresh, cache=cache)
        live, is_for_fresh = found.live, caller is Caller.FRESH
        if is_for_fresh and live is not None and not self._sessions.is_fresh(live.session, now):
            raise SessionNotFresh(found.lines)
        return live, found.lines

    async def reissued(
        self, session: Session, user: User, headers: Headers, now: datetime
    ) -> list[SetCookie]:
        """Returns the cookies of this session again, with the lifetime of the request's cookies."""
        presented = self.presented(headers)
        again = IssuedSession(session, user, headers, None, now)
        return await self._give(again, presented, remember=not presented.dont_remember)

    async def give(
        self, session: Session, user: User, request: AnyRequest, *, remember: bool
    ) -> list[SetCookie]:
        """Returns the cookies of a new session, and the headers that features add.

        Without `remember` they end with the browser.
        """
        headers, path = request.headers, request.context.path
        issued = IssuedSession(session, user, headers, path, request.now)
        return await self._give(issued, self._cookies.brought(headers), remember=remember)

    async def _give(
        self, issued: IssuedSession, brought: Presented, *, remember: bool
    ) -> list[SetCookie]:
        session, user, now = issued.session, issued.user, issued.now
        lines = self._cookies.issue(session, user, remember=remember, now=now, brought=brought)
        for hook in self._session_issued:
            lines += await hook(issued)
        return lines

    def cleared(self, headers: Headers) -> list[SetCookie]:
        """Returns the headers that expire every session cookie of a request."""
        return self._cookies.clear(self.presented(headers))
