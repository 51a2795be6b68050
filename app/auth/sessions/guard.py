"""Who is calling, and the cookies that the answer owes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from http import HTTPStatus

from msgspec import Struct, structs

from ...models.errors import (
    FailedToGetSession,
    Refusal,
    SessionNotFresh,
    StoreUnavailable,
    Unauthorized,
)
from ...models.records import Session, User
from ...web.http.headers import Headers
from ...web.http.log_context import note_user
from .cookies import Presented, SessionCookies, SetCookie
from .live import Absent, Live
from .sessions import Sessions


class Caller(Struct, frozen=True):
    """The session behind a request, if any, and the header lines that every answer carries.

    `is_cached`: the cookie cache says so, and the store was not asked.
    """

    live: Live | None
    lines: list[SetCookie]
    is_cached: bool = False


class Cache(Enum):
    """What a cookie cache is good for: it answers, the store is to confirm it, or nothing."""

    ANSWERS = "answers"
    CONFIRMED = "confirmed"
    IGNORED = "ignored"


SignedIn = tuple[Live, list[SetCookie]]


@contextmanager
def owing(lines: list[SetCookie]) -> Iterator[None]:
    """Refusals from inside carry these lines, too; those of an overloaded server do not."""
    try:
        yield
    except Refusal as refusal:
        if refusal.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise refusal.after(lines) from None
        raise


class Guard:
    """Turns request headers into a caller."""

    def __init__(self, sessions: Sessions, cookies: SessionCookies) -> None:
        self._sessions = sessions
        self._cookies = cookies

    def presented(self, headers: Headers) -> Presented:
        """The credentials of a request, bearer before cookie."""
        return self._cookies.read(headers.get(b"cookie") or "", headers.get(b"authorization") or "")

    async def caller(
        self,
        headers: Headers,
        now: datetime,
        *,
        refresh: bool = True,
        write: bool = True,
        cache: Cache = Cache.ANSWERS,
    ) -> Caller:
        """The caller; see `Sessions.resolve` for `refresh` and `write`."""
        presented = self.presented(headers)
        cached = self._cached(presented, now) if cache is not Cache.IGNORED else None
        if cached is not None and cache is Cache.ANSWERS:
            note_user(cached.user.id)
            return Caller(cached, [], is_cached=True)
        renew = refresh and cached is None
        try:
            chosen = await self._chosen(presented, now)
            found = await self._sessions.resolve(chosen, now, refresh=renew, write=write)
        except FailedToGetSession:
            raise FailedToGetSession(self._cookies.clear(presented)) from None
        if isinstance(found, Absent):
            return Caller(None, self._leaving(presented))
        note_user(found.user.id)
        if cached is not None:
            return Caller(self._cookies.confirmed(found), [])
        if presented.repeated or presented.outdated:
            return Caller(found, self._anew(found, presented, now))
        disproved = cache is not Cache.IGNORED and self._is_cached(presented)
        renews_cache = refresh and not presented.dont_remember
        lines = self._staying(found, presented, now) if renews_cache else self._unused(presented)
        return Caller(found, [*(self._cookies.clear_cache() if disproved else ()), *lines])

    async def confirmed(self, headers: Headers, now: datetime) -> Live | None:
        """The session as the store has it; None where it has ended, or nobody can tell."""
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
        """Of several tokens that of the session that began last, if one holds."""
        if not presented.others:
            return presented
        each = [structs.replace(presented, token=token) for token in presented.tokens]
        found = [await self._sessions.resolve(one, now, refresh=False, write=False) for one in each]
        began = [(live.session.created_at if isinstance(live, Live) else "") for live in found]
        return each[began.index(max(began))]

    def _leaving(self, presented: Presented) -> list[SetCookie]:
        """What a request without a session is told to drop."""
        if presented.token is not None:
            return self._cookies.clear(presented)
        return self._unused(presented)

    def _staying(self, found: Live, presented: Presented, now: datetime) -> list[SetCookie]:
        """What a session that was read from the store writes anew."""
        session, user, cookies = found.session, found.user, self._cookies
        if found.renewed:
            given = cookies.issue(session, user, remember=True, now=now, brought=presented)
        else:
            given = cookies.cache(session, user, remember=True, now=now, sent=presented.cached)
        return [*self._unused(presented), *given]

    def _anew(self, found: Live, presented: Presented, now: datetime) -> list[SetCookie]:
        """One cookie in place of several, or of one that is signed with an older secret.

        Its line is the last, which counts where a browser has one place for all of them.
        """
        remember = not presented.dont_remember
        session, user = found.session, found.user
        given = self._cookies.issue(session, user, remember=remember, now=now, brought=presented)
        elsewhere = self._cookies.clear_elsewhere(presented) if presented.repeated else []
        return [*elsewhere, *self._unused(presented), *given]

    def _unused(self, presented: Presented) -> list[SetCookie]:
        """A cookie cache that was on once; cookies that hold nothing are left alone."""
        if self._cookies.caching or not presented.cache:
            return []
        return self._cookies.clear_cached(presented.cached)

    async def anyone(
        self, headers: Headers, now: datetime, *, refresh: bool = True, cache: bool = True
    ) -> Caller:
        """The caller of a route that also serves those who are not signed in.

        The store is always asked: such a route gives or changes something, and a session that was
        revoked must not go on in a cookie there. Without `cache` a new one is written, too.
        """
        write, use = not self._sessions.defers_refresh, Cache.CONFIRMED if cache else Cache.IGNORED
        try:
            return await self.caller(headers, now, refresh=refresh, write=write, cache=use)
        except FailedToGetSession as gone:
            return Caller(None, list(gone.headers))

    async def signed_in(
        self, headers: Headers, now: datetime, *, refresh: bool = True, cache: bool = True
    ) -> SignedIn:
        """The caller's session and lines. Raises Unauthorized, which takes dead cookies back."""
        caller = await self.anyone(headers, now, refresh=refresh, cache=cache)
        if caller.live is None:
            raise Unauthorized(caller.lines)
        return caller.live, caller.lines

    async def sensitive(self, headers: Headers, now: datetime, *, refresh: bool = True) -> SignedIn:
        """`signed_in` that writes the cookie cache anew; where there is none they are the same."""
        return await self.signed_in(headers, now, refresh=refresh, cache=False)

    async def fresh(
        self, headers: Headers, now: datetime, *, refresh: bool = True, cache: bool = True
    ) -> SignedIn:
        """`signed_in` for a session that began lately. Raises SessionNotFresh, too."""
        live, lines = await self.signed_in(headers, now, refresh=refresh, cache=cache)
        if not self._sessions.is_fresh(live.session, now):
            raise SessionNotFresh(lines)
        return live, lines

    def reissued(
        self, session: Session, user: User, headers: Headers, now: datetime
    ) -> list[SetCookie]:
        """The cookies of this session once more, remembered as long as the request's are."""
        presented = self.presented(headers)
        remember = not presented.dont_remember
        return self._cookies.issue(session, user, remember=remember, now=now, brought=presented)

    def cleared(self, headers: Headers) -> list[SetCookie]:
        """The lines that take back every session cookie that a request may have brought."""
        return self._cookies.clear(self.presented(headers))
