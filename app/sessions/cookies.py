"""The session cookies: names, attributes, signatures. Pure functions of the settings.

Source: Better Auth 1.7.7 `cookies/index` and better-call 1.4.0 `parseCookies`, `getSignedCookie`.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import quote, unquote, urlsplit

from msgspec import Struct

from app.records import Session, User
from app.settings import Settings

SetCookie = tuple[str, str]

# What encodeURIComponent leaves as it is besides letters, digits and `_.-~`.
_UNRESERVED = "!'()*"
_SIGNATURE_LENGTH = 44
_LONGEST_AGE = 400 * 24 * 3600  # seconds; RFC 6265bis 5.5, and better-call throws beyond it
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


class Presented(Struct, frozen=True):
    """What a request's cookies say: a token whose signature is ours, or none."""

    token: str | None
    dont_remember: bool = False
    cached: tuple[str, ...] = ()


class SessionCookies:
    """Reads and writes `session_token`, `session_data` and `dont_remember`."""

    def __init__(self, settings: Settings) -> None:
        prefix = settings.advanced.cookie_prefix
        secure = "__Secure-" if settings.secure_cookies else ""
        self.token_name = f"{secure}{prefix}.session_token"
        self.data_name = f"{secure}{prefix}.session_data"
        self.dont_remember_name = f"{secure}{prefix}.dont_remember"
        # Whole or in numbered chunks; other names with the same beginning are somebody else's.
        self._cache_name = re.compile(
            rf"{re.escape(self.data_name)}(\.(0|[1-9]\d{{0,14}}))?", re.ASCII
        )
        self._secret = settings.secret.encode()
        self._max_age = min(settings.session.expires_in, _LONGEST_AGE)
        self._attributes = _attributes(settings)

    def read(self, cookies: Mapping[str, str], authorization: str = "") -> Presented:
        """What these headers prove; a bad signature is the same as no cookie.

        A bearer token, signed or raw, takes the place of the session cookie (the bearer plugin).
        """
        bearer = self._bearer(authorization)
        return Presented(
            token=bearer or self.verified(cookies.get(self.token_name, "")),
            dont_remember=self.verified(cookies.get(self.dont_remember_name, "")) is not None,
            cached=tuple(filter(self._cache_name.fullmatch, cookies)),
        )

    def signed(self, value: str) -> str:
        """`value.signature`: HMAC-SHA256 in padded standard base64, not percent-encoded."""
        digest = hmac.digest(self._secret, value.encode(), "sha256")
        return f"{value}.{b64encode(digest).decode()}"

    def verified(self, signed_value: str) -> str | None:
        """The value before the last dot, if the signature after it is ours."""
        value, _, signature = signed_value.rpartition(".")
        if not value or len(signature) != _SIGNATURE_LENGTH:
            return None
        ours = self.signed(value).encode()
        return value if hmac.compare_digest(ours, signed_value.encode()) else None

    def issue(
        self, session: Session, user: User, *, remember: bool, now: datetime
    ) -> list[SetCookie]:
        """The lines that give a browser this session, and a bearer client its token."""
        signed = self.signed(session.token)
        max_age = f"; Max-Age={self._max_age}" if remember else ""
        lines = [self._line(self.token_name, signed, max_age)]
        if not remember:
            lines.append(self._line(self.dont_remember_name, self.signed("true"), ""))
        return [*lines, ("set-auth-token", signed)]

    def clear(self, cached: Iterable[str] = ()) -> list[SetCookie]:
        """The lines that take every session cookie away, with the attributes they were set with."""
        names = (self.token_name, self.data_name, *cached, self.dont_remember_name)
        return [self._line(name, "", "; Max-Age=0") for name in names]

    def clear_cached(self, cached: Iterable[str]) -> list[SetCookie]:
        """The lines that take away a cookie cache that this server does not use."""
        return [self._line(name, "", "; Max-Age=0") for name in cached]

    def _bearer(self, authorization: str) -> str | None:
        token = authorization[7:].strip()
        if not token or authorization[:7].lower() != "bearer ":
            return None
        return self.verified(_decoded(token) if "." in token else self.signed(token))

    def _line(self, name: str, value: str, max_age: str) -> SetCookie:
        return "set-cookie", f"{name}={quote(value, safe=_UNRESERVED)}{max_age}{self._attributes}"


def parse_cookies(header: str) -> dict[str, str]:
    """Name to value; the first cookie of a name wins, quotes and percent-encoding are undone."""
    cookies: dict[str, str] = {}
    for pair in header.split(";"):
        name, equals, value = pair.partition("=")
        if equals and name.strip() not in cookies:
            cookies[name.strip()] = _decoded(_unquoted(value.strip()))
    return cookies


def _unquoted(value: str) -> str:
    return value[1:-1] if value.startswith('"') else value


def _decoded(value: str) -> str:
    """`decodeURIComponent`: all or, where an escape is broken, nothing."""
    if "%" not in value or _BROKEN_ESCAPE.search(value):
        return value
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        return value


def _attributes(settings: Settings) -> str:
    """`; Domain; Path; HttpOnly; Secure; SameSite`, in the original's order."""
    shared = settings.advanced.cross_sub_domain_cookies
    domain = shared.domain or urlsplit(settings.url).hostname
    return "".join(
        (
            f"; Domain={domain}" if shared.enabled else "",
            "; Path=/; HttpOnly",
            "; Secure" if settings.secure_cookies else "",
            "; SameSite=Lax",
        )
    )
