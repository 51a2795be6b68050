"""The session cookies: names, attributes and signatures, as functions of the settings.

Source: Better Auth 1.7.25 `cookies/index` and better-call 1.4.5 `parseCookies`, `getSignedCookie`.
"""

import logging
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct, structs

from ...bridge.encodings import decode_cookie_value, encode_uri_component
from ...models.records import Session, User
from ...models.telemetry.log_events import log_event
from ...settings.cookie_definitions import CookieDefinition, list_stale_cookies, resolve_cookie
from ...settings.settings import Settings
from ...web.http.headers import Headers
from ..crypto.signatures import Signatures
from ..hooks import Hooks
from .cache.chunks import join_chunks, list_cookies, split_value
from .cache.cookie_cache import CookieCache
from .store import ActiveSession

_log = logging.getLogger("better_auth.cookies")

SetCookie = tuple[str, str]

_SPACE = " \t"  # no other: browsers let anybody set "\xa0__Secure-…"
_MOST_TOKENS = 4  # of one request that are asked for in the store
_LONGEST_AGE = 400 * 24 * 3600  # seconds; RFC 6265bis 5.5, and better-call throws beyond it


class RequestCredentials(Struct, frozen=True):
    """The credentials of a request: a session token with a valid signature, or none.

    `cached`: the names of the cookie cache's cookies; `cache`: their value. `others`: more valid
    tokens in cookies of the same name, after a change of the cookie domain. `repeated`: there are
    several such cookies. `own`: all cookies of this name have a valid signature. `outdated`: the
    signature is that of an older secret.
    """

    token: str | None
    dont_remember: bool = False
    cached: tuple[str, ...] = ()
    cache: str = ""
    others: tuple[str, ...] = ()
    repeated: bool = False
    own: bool = False
    outdated: bool = False

    @property
    def tokens(self) -> tuple[str, ...]:
        return self.others if self.token is None else (self.token, *self.others)


_NOTHING = RequestCredentials(token=None)


class Cookie:
    """One cookie: builds the headers that set and expire it."""

    def __init__(self, definition: CookieDefinition) -> None:
        self.name = definition.name
        self.max_age = definition.attributes.max_age
        self._attributes = definition.text

    def make_header(self, value: str, max_age: int | None) -> SetCookie:
        """Returns the Set-Cookie header. `max_age`: seconds; None: until the browser closes."""
        return self._format_header(self.name, value, max_age)

    def make_headers(self, value: str, max_age: int | None, sent: Iterable[str]) -> list[SetCookie]:
        """Returns the headers, in chunks if necessary. Expires old chunks in `sent`."""
        chunks = split_value(self.name, value, self._format_attributes(max_age))
        if not chunks:
            size = len(value)
            log_event(_log, "cookie too large", logging.WARNING, cookie=self.name, size=size)
        headers = {name: self.expire(name) for name in sent}
        headers |= {name: self._format_header(name, part, max_age) for name, part in chunks.items()}
        return list(headers.values())

    def expire(self, name: str | None = None) -> SetCookie:
        """Returns the header that expires it, or another cookie with the same attributes."""
        return self._format_header(name or self.name, "", 0)

    def _format_header(self, name: str, value: str, max_age: int | None) -> SetCookie:
        text = f"{name}={encode_uri_component(value)}{self._format_attributes(max_age)}"
        return "set-cookie", text

    def _format_attributes(self, max_age: int | None) -> str:
        age = "" if max_age is None else f"; Max-Age={min(max_age, _LONGEST_AGE)}"
        return age + self._attributes


class SessionCookies:
    """Reads and writes `session_token`, `dont_remember` and, with a `cache`, `session_data`."""

    def __init__(
        self,
        settings: Settings,
        cache: CookieCache | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        self._token = Cookie(resolve_cookie(settings, "session_token"))
        self._data = Cookie(resolve_cookie(settings, "session_data"))
        self._dont_remember = Cookie(resolve_cookie(settings, "dont_remember"))
        self._elsewhere = [Cookie(each) for each in list_stale_cookies(settings)]
        self._signatures = Signatures(settings)
        self._find_token = [] if hooks is None else hooks.find_token
        self._max_age = settings.session.expires_in
        self._cache = cache

    @property
    def cache_enabled(self) -> bool:
        """Whether `session.cookieCache` is on."""
        return self._cache is not None

    def read(self, headers: Headers) -> RequestCredentials:
        """Reads the credentials of a request. Invalid signatures are ignored.

        A token that a plugin finds replaces the session cookie.
        """
        elsewhere = None
        for find in self._find_token:
            elsewhere = elsewhere or find(headers)
        return self._read(headers.get(b"cookie") or "", elsewhere)

    def read_cookies(self, headers: Headers) -> RequestCredentials:
        """Reads the cookies of a request that gets new ones."""
        return self._read(headers.get(b"cookie") or "", None)

    def _read(self, header: str, elsewhere: str | None) -> RequestCredentials:
        cookies = parse_cookies(header)
        cached = list_cookies(self._data.name, cookies)
        signed = cookies.get(self._token.name, "") if elsewhere is None else ""
        token = self._signatures.verify(signed)
        found = RequestCredentials(
            token=elsewhere or token,
            dont_remember=self._dont_remember.name in cookies
            and self._signatures.verify(cookies[self._dont_remember.name]) is not None,
            cached=cached,
            cache=join_chunks(self._data.name, cookies) if cached else "",
            own=token is not None,
            outdated=self._signatures.is_outdated(signed, token),
        )
        several = elsewhere is None and header.count(f"{self._token.name}=") > 1
        return self._choose_of_several(found, header) if several else found

    def _choose_of_several(self, found: RequestCredentials, header: str) -> RequestCredentials:
        """Reads several session cookies. Those with a valid signature count."""
        values = list_values(self._token.name, header)
        signed = [token for token in map(self._signatures.verify, values) if token is not None]
        tokens = list(dict.fromkeys(signed))[:_MOST_TOKENS]
        return structs.replace(
            found,
            token=tokens[0] if tokens else None,
            others=tuple(tokens[1:]),
            repeated=len(signed) > 1,
            own=bool(signed) and len(signed) == len(values),
        )

    def read_cache(self, credentials: RequestCredentials, now: datetime) -> ActiveSession | None:
        """Returns the session of the cookie cache, if the cache is valid."""
        if self._cache is None or credentials.token is None or not credentials.cache:
            return None
        return self._cache.open(credentials.cache, credentials.token, now)

    def reorder_as_cached(self, found: ActiveSession) -> ActiveSession:
        """Returns a session of the store in the form of the cookie cache."""
        return found if self._cache is None else self._cache.reorder(found)

    def sign(self, value: str) -> str:
        """Returns `value.signature`, as in the cookie."""
        return self._signatures.sign(value)

    def issue(
        self,
        session: Session,
        user: User,
        *,
        remember: bool,
        now: datetime,
        brought: RequestCredentials = _NOTHING,
    ) -> list[SetCookie]:
        """Returns the headers that give a browser this session.

        `brought`: the cookies of the browser. Old chunks of a cache expire, and with `remember`
        also `dont_remember`.
        """
        signed = self.sign(session.token)
        headers = [self._token.make_header(signed, self._max_age if remember else None)]
        forgetting = self._dont_remember
        if not remember:
            headers.append(forgetting.make_header(self.sign("true"), forgetting.max_age))
        elif brought.dont_remember:
            headers.append(forgetting.expire())
        cache = self.cache_cookies(session, user, remember=remember, now=now, sent=brought.cached)
        return [*headers, *cache]

    def cache_cookies(
        self,
        session: Session,
        user: User,
        *,
        remember: bool,
        now: datetime,
        sent: Iterable[str] = (),
    ) -> list[SetCookie]:
        """Returns the headers with the cookie cache of this session. None if the cache is off."""
        if self._cache is None:
            return []
        max_age = self._data.max_age if remember else None
        return self._data.make_headers(self._cache.seal(session, user, max_age, now), max_age, sent)

    def expire_all(self, brought: RequestCredentials = _NOTHING) -> list[SetCookie]:
        """Returns the headers that expire every session cookie, with their attributes.

        Also cookies of an earlier domain setting, unless another program may have set one.
        """
        data = [self._data.expire(), *self.expire_cache_cookies(brought.cached)]
        headers = [self._token.expire(), *data, self._dont_remember.expire()]
        return [*headers, *self.expire_elsewhere(brought)]

    def expire_for_challenge(
        self, *, remember: bool, brought: RequestCredentials
    ) -> list[SetCookie]:
        """Returns the headers of a challenge in place of a session (`deleteSessionCookie`).

        `dont_remember` tells the later session how long its cookies live.
        """
        forgetting, headers = self._dont_remember, []
        if not remember:
            headers = [forgetting.make_header(self.sign("true"), forgetting.max_age)]
        elif brought.dont_remember:
            headers = [forgetting.expire()]
        stale = [name for name in brought.cached if name != self._data.name]
        data = [self._data.expire(), *self.expire_cache_cookies(stale)]
        return [*headers, self._token.expire(), *data]

    def forget_choice(self) -> SetCookie:
        """Returns the header that expires `dont_remember`."""
        return self._dont_remember.expire()

    def expire_elsewhere(self, brought: RequestCredentials) -> list[SetCookie]:
        """Returns the headers that expire cookies of earlier domain settings.

        None if another program may have set one.
        """
        if not brought.own:
            return []
        chunks = [name for name in brought.cached if name != self._data.name]
        return [
            cookie.expire(name)
            for cookie in self._elsewhere
            for name in (cookie.name, *(chunks if cookie.name == self._data.name else ()))
        ]

    def expire_cache_cookie(self) -> list[SetCookie]:
        """Returns the header that expires an invalid cookie cache."""
        return [self._data.expire()]

    def expire_cache_cookies(self, cached: Iterable[str]) -> list[SetCookie]:
        """Returns the headers that expire a cookie cache that is off now."""
        return [self._data.expire(name) for name in cached]


def parse_cookies(header: str) -> dict[str, str]:
    """Parses cookies by name. The first of a name counts. Decodes quotes and percent-encoding."""
    cookies: dict[str, str] = {}
    for pair in header.split(";"):
        name, equals, value = pair.partition("=")
        if equals and name.strip(_SPACE) not in cookies:
            cookies[name.strip(_SPACE)] = decode_cookie_value(value.strip(_SPACE))
    return cookies


def list_values(name: str, header: str) -> list[str]:
    """Returns the values of all cookies of this name, in order."""
    pairs = [pair.partition("=") for pair in header.split(";")]
    found = [value for key, equals, value in pairs if equals and key.strip(_SPACE) == name]
    return [decode_cookie_value(value.strip(_SPACE)) for value in found]
