"""Finds the session of a request, and the cookies of its response."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from enum import Enum

from msgspec import Struct, structs
from typing_extensions import TypeAliasType

from ...models.errors import StoreUnavailable
from ...models.records import Session, User
from ...models.tables import IMPERSONATION_COLUMN
from ...models.telemetry.log_context import note_user
from ...web.endpoint import AnyApiRequest, ApiRequest, B, Caller, Q
from ...web.http.headers import Headers
from ..errors import FailedToGetSession, SessionNotFresh
from ..hooks import IssuedSession
from .cookies import RequestCredentials, SessionCookies, SetCookie
from .sessions import Sessions
from .store import ActiveSession


class Identity(Struct, frozen=True):
    """The session of a request, or None, and the headers of every response to it.

    `is_cached`: the cookie cache answered, and the store was not read.
    """

    active: ActiveSession | None
    headers: list[SetCookie]
    is_cached: bool = False


class CacheUse(Enum):
    """How a cookie cache is used: it is trusted, the store must confirm it, or not at all."""

    TRUSTED = "trusted"
    CONFIRMED = "confirmed"
    IGNORED = "ignored"


# Whether a cookie cache is not believed.
IsBarred = Callable[[ActiveSession], Awaitable[bool]]
SignedIn = tuple[ActiveSession, list[SetCookie]]
# Python 3.13 cannot leave out an argument of a plain alias that has a default.
SignedInRequest = TypeAliasType(
    "SignedInRequest", ApiRequest[B, ActiveSession, Q], type_params=(B, Q)
)


class Guard:
    """Finds the caller of a request."""

    def __init__(
        self,
        sessions: Sessions,
        cookies: SessionCookies,
        is_barred: IsBarred | None = None,
    ) -> None:
        self._sessions = sessions
        self._is_barred = is_barred
        self._cookies = cookies
        self._session_issued = sessions.hooks.session_issued

    def read_credentials(self, headers: Headers) -> RequestCredentials:
        """Returns the credentials of a request. A token that a plugin finds is used first."""
        return self._cookies.read(headers)

    async def find_caller(
        self,
        headers: Headers,
        now: datetime,
        *,
        refresh: bool = True,
        write: bool = True,
        cache: CacheUse = CacheUse.TRUSTED,
    ) -> Identity:
        """Returns the caller. For `refresh` and `write` see `Sessions.resolve`."""
        credentials = self.read_credentials(headers)
        cached = self._read_cache(credentials, now) if cache is not CacheUse.IGNORED else None
        if cached is not None and cache is CacheUse.TRUSTED:
            if await self._is_believed(cached):
                _note_caller(cached)
                return Identity(cached, [], is_cached=True)
            cached = None
        renew = refresh and cached is None
        try:
            chosen = await self._choose(credentials, now)
            found = await self._sessions.resolve(chosen, now, refresh=renew, write=write)
        except FailedToGetSession:
            raise FailedToGetSession(self._cookies.expire_all(credentials)) from None
        if found is None:
            return Identity(None, self._expire_unknown(credentials))
        _note_caller(found)
        if cached is not None:
            return Identity(self._cookies.reorder_as_cached(found), [])
        if credentials.repeated or credentials.outdated:
            return Identity(found, await self._replace_cookies(found, credentials, headers, now))
        disproved = cache is not CacheUse.IGNORED and self._is_cached(credentials)
        renews_cache = refresh and not credentials.dont_remember
        cleared = self._cookies.expire_cache_cookie() if disproved else []
        if not renews_cache:
            return Identity(found, [*cleared, *self._expire_unused(credentials)])
        return Identity(
            found, [*cleared, *await self._renew_cookies(found, credentials, headers, now)]
        )

    async def read_session(
        self, headers: Headers, now: datetime, *, cache: CacheUse = CacheUse.TRUSTED
    ) -> ActiveSession | None:
        """Returns the session of a request whose response sets no cookies.

        It judges as `find_caller`, and renews nothing: a browser would keep the older cookie.
        """
        credentials = self.read_credentials(headers)
        if cache is CacheUse.TRUSTED:
            cached = self._read_cache(credentials, now)
            if cached is not None and await self._is_believed(cached):
                return cached
        chosen = await self._choose(credentials, now)
        return await self._sessions.resolve(chosen, now, refresh=False, write=False)

    async def find_stored(self, headers: Headers, now: datetime) -> ActiveSession | None:
        """Returns the session of the store. None if it has ended or the store is down."""
        credentials = self.read_credentials(headers)
        try:
            return await self._sessions.resolve(credentials, now, refresh=False, write=False)
        except StoreUnavailable:
            return None

    def _is_cached(self, credentials: RequestCredentials) -> bool:
        if credentials.repeated:  # which of several caches is whose can't be said
            return False
        return (
            self._cookies.cache_enabled
            and bool(credentials.cache)
            and credentials.token is not None
        )

    async def _is_believed(self, cached: ActiveSession) -> bool:
        return self._is_barred is None or not await self._is_barred(cached)

    def _read_cache(self, credentials: RequestCredentials, now: datetime) -> ActiveSession | None:
        return self._cookies.read_cache(credentials, now) if self._is_cached(credentials) else None

    async def _choose(self, credentials: RequestCredentials, now: datetime) -> RequestCredentials:
        """Chooses of several tokens the one of the newest active session."""
        if not credentials.others:
            return credentials
        each = [structs.replace(credentials, token=token) for token in credentials.tokens]
        found = [await self._sessions.resolve(one, now, refresh=False, write=False) for one in each]
        began = ["" if active is None else active.session.created_at for active in found]
        return each[began.index(max(began))]

    def _expire_unknown(self, credentials: RequestCredentials) -> list[SetCookie]:
        """Returns the headers that expire the cookies of a request without a session."""
        if credentials.token is not None:
            return self._cookies.expire_all(credentials)
        return self._expire_unused(credentials)

    async def _renew_cookies(
        self, found: ActiveSession, credentials: RequestCredentials, headers: Headers, now: datetime
    ) -> list[SetCookie]:
        """Returns the cookies to set again for a session of the store."""
        session, user, cookies = found.session, found.user, self._cookies
        if found.renewed:
            renewed = IssuedSession(session, user, headers, None, now)
            response_headers = await self._give(renewed, credentials, remember=True)
        else:
            response_headers = cookies.cache_cookies(
                session, user, remember=True, now=now, sent=credentials.cached
            )
        return [*self._expire_unused(credentials), *response_headers]

    async def _replace_cookies(
        self, found: ActiveSession, credentials: RequestCredentials, headers: Headers, now: datetime
    ) -> list[SetCookie]:
        """Replaces several cookies, or one of an older secret, by one cookie.

        Its header is the last, which counts if a browser has one place for all of them.
        """
        again = IssuedSession(found.session, found.user, headers, None, now)
        response_headers = await self._give(
            again, credentials, remember=not credentials.dont_remember
        )
        elsewhere = self._cookies.expire_elsewhere(credentials) if credentials.repeated else []
        return [*elsewhere, *self._expire_unused(credentials), *response_headers]

    def _expire_unused(self, credentials: RequestCredentials) -> list[SetCookie]:
        """Expires the cookies of a cache that is off now. Empty cookies stay."""
        if self._cookies.cache_enabled or not credentials.cache:
            return []
        return self._cookies.expire_cache_cookies(credentials.cached)

    async def find_session(
        self, headers: Headers, now: datetime, *, refresh: bool = True, cache: bool = True
    ) -> Identity:
        """Returns the caller, or one without a session.

        Always reads the store: the endpoint lists or changes something, so a revoked session in a
        cookie cache must not count. Without `cache` it writes a new cache, too.
        """
        write, use = (
            not self._sessions.defers_refresh,
            CacheUse.CONFIRMED if cache else CacheUse.IGNORED,
        )
        try:
            return await self.find_caller(headers, now, refresh=refresh, write=write, cache=use)
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
    ) -> tuple[ActiveSession | None, list[SetCookie]]:
        """Returns the session that an endpoint asks for, or None, and the caller's headers.

        Raises SessionNotFresh.
        """
        cache = cache and caller is not Caller.STORED
        found = await self.find_session(headers, now, refresh=refresh, cache=cache)
        active, is_for_fresh = found.active, caller is Caller.FRESH
        if is_for_fresh and active is not None and not self._sessions.is_fresh(active.session, now):
            raise SessionNotFresh(found.headers)
        return active, found.headers

    async def reissue_cookies(
        self,
        session: Session,
        user: User,
        headers: Headers,
        now: datetime,
        path: str | None = None,
    ) -> list[SetCookie]:
        """Returns the cookies of this session again, with the lifetime of the request's cookies.

        `path`: the endpoint that began the session, if it is new.
        """
        credentials = self.read_credentials(headers)
        again = IssuedSession(session, user, headers, path, now)
        return await self._give(again, credentials, remember=not credentials.dont_remember)

    async def give(
        self,
        session: Session,
        user: User,
        request: AnyApiRequest,
        *,
        remember: bool | None = None,
        more: Sequence[SetCookie] = (),
    ) -> list[SetCookie]:
        """Returns the cookies of a new session, `more`, and the headers that plugins add.

        Without `remember` they end with the browser. None: they live as long as the cookies that
        the request brought.
        """
        headers, path = request.headers, request.context.path
        issued = IssuedSession(session, user, headers, path, request.now)
        brought = self._cookies.read_cookies(headers)
        if remember is None:
            remember = not brought.dont_remember
        return await self._give(issued, brought, remember=remember, more=more)

    async def _give(
        self,
        issued: IssuedSession,
        brought: RequestCredentials,
        *,
        remember: bool,
        more: Sequence[SetCookie] = (),
    ) -> list[SetCookie]:
        session, user, now = issued.session, issued.user, issued.now
        response_headers = self._cookies.issue(
            session, user, remember=remember, now=now, brought=brought
        )
        response_headers += more
        for hook in self._session_issued:
            response_headers += await hook(issued)
        return response_headers

    def expire_cookies(self, headers: Headers) -> list[SetCookie]:
        """Returns the headers that expire every session cookie of a request."""
        return self._cookies.expire_all(self.read_credentials(headers))


def _note_caller(active: ActiveSession) -> None:
    note_user(active.user.id, getattr(active.session, IMPERSONATION_COLUMN, None))
