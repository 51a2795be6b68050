"""The session cookies: names, attributes, signatures. Pure functions of the settings.

Source: Better Auth 1.7.25 `cookies/index` and better-call 1.4.5 `parseCookies`, `getSignedCookie`.
"""

import hmac
import logging
import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote, unquote_to_bytes

from msgspec import Struct, structs

from ...models.log_events import log_event
from ...models.records import Session, User
from ...settings.cookie_definitions import CookieDefinition, cookie_definition, elsewhere
from ...settings.settings import Settings
from ...web.http.headers import Headers
from .cache.chunks import assembled, belonging, chunked
from .cache.cookie_cache import CookieCache
from .live import Live

_log = logging.getLogger("app.cookies")

SetCookie = tuple[str, str]

# What encodeURIComponent leaves as it is besides letters, digits and `_.-~`.
_UNRESERVED = "!'()*"
_SIGNATURE_LENGTH = 44
_SPACE = " \t"  # no other: browsers let anybody set "\xa0__Secure-…"
_MOST_TOKENS = 4  # of one request that are asked for in the store
_LONGEST_AGE = 400 * 24 * 3600  # seconds; RFC 6265bis 5.5, and better-call throws beyond it
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


class Presented(Struct, frozen=True):
    """What a request's cookies say: a token whose signature is ours, or none.

    `cached` are the names of the cookies of a cookie cache, `cache` is what they hold, if anything.
    `others` are more tokens of ours in cookies of the same name: the domain of cookies was changed
    while the browser had some. `repeated`: there are several such cookies, if only of one token.
    `own`: there is such a cookie, and none of its name that is somebody else's. `outdated`: it is
    signed with an older secret.
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


_NOTHING = Presented(token=None)


class Cookie:
    """One of them: writes the lines that set it and take it back."""

    def __init__(self, definition: CookieDefinition) -> None:
        self.name = definition.name
        self.max_age = definition.attributes.max_age
        self._attributes = definition.text

    def line(self, value: str, max_age: int | None) -> SetCookie:
        """Without `max_age`, which is seconds, the cookie ends with the browser."""
        return self._line(self.name, value, max_age)

    def lines(self, value: str, max_age: int | None, sent: Iterable[str]) -> list[SetCookie]:
        """The same in chunks, where one cookie is too short; those that were `sent` make room."""
        chunks = chunked(self.name, value, self._after(max_age))
        if not chunks:
            size = len(value)
            log_event(_log, "cookie too large", logging.WARNING, cookie=self.name, size=size)
        lines = {name: self.clear(name) for name in sent}
        lines |= {name: self._line(name, part, max_age) for name, part in chunks.items()}
        return list(lines.values())

    def clear(self, name: str | None = None) -> SetCookie:
        """The line that takes it away, or another one with the same attributes."""
        return self._line(name or self.name, "", 0)

    def _line(self, name: str, value: str, max_age: int | None) -> SetCookie:
        text = f"{name}={quote(value, safe=_UNRESERVED)}{self._after(max_age)}"
        return "set-cookie", text

    def _after(self, max_age: int | None) -> str:
        age = "" if max_age is None else f"; Max-Age={min(max_age, _LONGEST_AGE)}"
        return age + self._attributes


class SessionCookies:
    """Reads and writes `session_token`, `dont_remember` and, with a `cache`, `session_data`."""

    def __init__(self, settings: Settings, cache: CookieCache | None = None) -> None:
        self._token = Cookie(cookie_definition(settings, "session_token"))
        self._data = Cookie(cookie_definition(settings, "session_data"))
        self._dont_remember = Cookie(cookie_definition(settings, "dont_remember"))
        self._elsewhere = [Cookie(each) for each in elsewhere(settings)]
        self._bearer_must_be_signed = settings.bearer.require_signature
        secrets = settings.current_and_former_secrets
        self._keyed, *self._formerly = [hmac.new(s.encode(), digestmod="sha256") for s in secrets]
        self._replaces_signatures = settings.signs_with_newest_secret
        self._max_age = settings.session.expires_in
        self._cache = cache

    @property
    def caching(self) -> bool:
        """Whether `session.cookieCache` is on."""
        return self._cache is not None

    def read(self, header: str, authorization: str = "") -> Presented:
        """What these headers, `Cookie` and `Authorization`, prove; a bad signature is no cookie.

        A bearer token, signed or raw, takes the place of the session cookie (the bearer plugin).
        """
        bearer, cookies = self._bearer(authorization), parse_cookies(header)
        cached = belonging(self._data.name, cookies)
        signed = cookies.get(self._token.name, "") if bearer is None else ""
        token = self.verified(signed)
        found = Presented(
            token=bearer or token,
            dont_remember=self.verified(cookies.get(self._dont_remember.name, "")) is not None,
            cached=cached,
            cache=assembled(self._data.name, cookies) if cached else "",
            own=token is not None,
            outdated=self._is_outdated(signed, token),
        )
        several = bearer is None and header.count(f"{self._token.name}=") > 1
        return self._among_several(found, header) if several else found

    def _among_several(self, found: Presented, header: str) -> Presented:
        """The same where there are several session cookies: those that we signed count."""
        values = values_of(self._token.name, header)
        signed = [token for token in map(self.verified, values) if token is not None]
        tokens = list(dict.fromkeys(signed))[:_MOST_TOKENS]
        return structs.replace(
            found,
            token=tokens[0] if tokens else None,
            others=tuple(tokens[1:]),
            repeated=len(signed) > 1,
            own=bool(signed) and len(signed) == len(values),
        )

    def cached(self, presented: Presented, now: datetime) -> Live | None:
        """The presented session, as far as the cookie cache may say."""
        if self._cache is None or presented.token is None or not presented.cache:
            return None
        return self._cache.open(presented.cache, presented.token, now)

    def confirmed(self, found: Live) -> Live:
        """What the store has of a session that the cookie cache could have answered."""
        return found if self._cache is None else self._cache.ordered(found)

    def signed(self, value: str) -> str:
        """`value.signature`: HMAC-SHA256 in padded standard base64, not percent-encoded."""
        return _signed(value, self._keyed)

    def verified(self, signed_value: str) -> str | None:
        """The value before the last dot, if the signature after it is ours, under any secret."""
        value, _, signature = signed_value.rpartition(".")
        if not value or len(signature) != _SIGNATURE_LENGTH:
            return None
        for keyed in (self._keyed, *self._formerly):
            if hmac.compare_digest(_signed(value, keyed).encode(), signed_value.encode()):
                return value
        return None

    def _is_outdated(self, signed_value: str, token: str | None) -> bool:
        """Whether a verified signature is to be replaced: it is an older secret's."""
        if not self._formerly or token is None or not self._replaces_signatures:
            return False
        return not hmac.compare_digest(self.signed(token).encode(), signed_value.encode())

    def issue(
        self,
        session: Session,
        user: User,
        *,
        remember: bool,
        now: datetime,
        brought: Presented = _NOTHING,
    ) -> list[SetCookie]:
        """The lines that give a browser this session, and a bearer client its token.

        `brought` is what the browser has: an older cache makes room, and a session that is to be
        remembered takes back the cookie of one that was not.
        """
        signed = self.signed(session.token)
        lines = [self._token.line(signed, self._max_age if remember else None)]
        forgetting = self._dont_remember
        if not remember:
            lines.append(forgetting.line(self.signed("true"), forgetting.max_age))
        elif brought.dont_remember:
            lines.append(forgetting.clear())
        cache = self.cache(session, user, remember=remember, now=now, sent=brought.cached)
        return [*lines, *cache, ("set-auth-token", signed)]

    def cache(
        self,
        session: Session,
        user: User,
        *,
        remember: bool,
        now: datetime,
        sent: Iterable[str] = (),
    ) -> list[SetCookie]:
        """The lines that give a browser the cookie cache of this session; none where it is off."""
        if self._cache is None:
            return []
        max_age = self._data.max_age if remember else None
        return self._data.lines(self._cache.seal(session, user, max_age, now), max_age, sent)

    def brought(self, headers: Headers) -> Presented:
        """What the cookies of a request say, whoever it is that they are given new ones."""
        return self.read(headers.get(b"cookie") or "")

    def clear(self, brought: Presented = _NOTHING) -> list[SetCookie]:
        """The lines that take every session cookie away, with the attributes they were set with.

        Also those that have the attributes of an earlier setting, unless there is a stranger's.
        """
        data = [self._data.clear(), *self.clear_cached(brought.cached)]
        lines = [self._token.clear(), *data, self._dont_remember.clear()]
        return [*lines, *self.clear_elsewhere(brought)]

    def clear_elsewhere(self, brought: Presented) -> list[SetCookie]:
        """The lines that take away what was set for another domain, as a setting said before.

        None where a cookie may be a stranger's.
        """
        if not brought.own:
            return []
        chunks = [name for name in brought.cached if name != self._data.name]
        return [
            cookie.clear(name)
            for cookie in self._elsewhere
            for name in (cookie.name, *(chunks if cookie.name == self._data.name else ()))
        ]

    def clear_cache(self) -> list[SetCookie]:
        """The line that takes away a cookie cache that proved wrong."""
        return [self._data.clear()]

    def clear_cached(self, cached: Iterable[str]) -> list[SetCookie]:
        """The lines that take away a cookie cache that this server does not use."""
        return [self._data.clear(name) for name in cached]

    def _bearer(self, authorization: str) -> str | None:
        token = authorization[7:].strip()
        if not token or authorization[:7].lower() != "bearer ":
            return None
        if "." in token:
            return self.verified(_decoded(token))
        return None if self._bearer_must_be_signed else token


def parse_cookies(header: str) -> dict[str, str]:
    """Name to value; the first cookie of a name wins, quotes and percent-encoding are undone."""
    cookies: dict[str, str] = {}
    for pair in header.split(";"):
        name, equals, value = pair.partition("=")
        if equals and name.strip(_SPACE) not in cookies:
            cookies[name.strip(_SPACE)] = _decoded(_unquoted(value.strip(_SPACE)))
    return cookies


def _signed(value: str, keyed: hmac.HMAC) -> str:
    mac = keyed.copy()  # half the time of beginning with the key
    mac.update(value.encode())
    return f"{value}.{b64encode(mac.digest()).decode()}"


def values_of(name: str, header: str) -> list[str]:
    """The values of all cookies of this name, in order."""
    pairs = [pair.partition("=") for pair in header.split(";")]
    found = [value for key, equals, value in pairs if equals and key.strip(_SPACE) == name]
    return [_decoded(_unquoted(value.strip(_SPACE))) for value in found]


def _unquoted(value: str) -> str:
    return value[1:-1] if value.startswith('"') else value


def _decoded(value: str) -> str:
    """`decodeURIComponent`: all or, where an escape is broken, nothing."""
    if "%" not in value or _BROKEN_ESCAPE.search(value):
        return value
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError:
        return value
