"""Calls `/get-session` of the auth server for each request. Needs httpx."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

import httpx

from .cookie import SESSION_COOKIE, MissingCookie, list_cookie_names, read_cookie_pairs
from .endpoint import SECONDS, Header, HttpEndpoint, Unreachable
from .errors import ForeignOrigin, InvalidToken, MissingToken
from .origins import AllowedOrigins
from .outage import OutageLog
from .presented import (
    LONGEST_TOKEN,
    Authenticator,
    Presented,
    bearer_token,
    explain_bad_session_token,
)
from .settings import Settings
from .user import User

LONGEST_RESPONSE: Final = 1024 * 1024  # bytes; a user may have a picture in a data URL

# The session as it is now, and no new expiry, whose cookie would not reach the browser from here.
_QUERY: Final = "disableCookieCache=true&disableRefresh=true"
_NO_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


class RemoteSession:
    """Forwards the session cookie and the bearer token, only to `url`.

    `url`: `/get-session` of the auth server. It uses no proxy of the environment; a `client` of
    httpx decides itself. `name`: the session cookie without `__Secure-`. `timeout`: seconds for one
    call. `origins`: the pages that may call with a cookie, see `SessionCookie`; from other pages
    only a bearer token counts. Raises ValueError for an invalid URL.
    """

    def __init__(
        self,
        url: str,
        *,
        client: httpx.AsyncClient | None = None,
        name: str = SESSION_COOKIE,
        timeout: float = SECONDS,
        origins: Iterable[str] | None = None,
    ) -> None:
        asked = f"{url}{'&' if '?' in url else '?'}{_QUERY}"
        self._endpoint = HttpEndpoint(
            asked, largest=LONGEST_RESPONSE, proxied=False, client=client, seconds=timeout
        )
        self._outage = OutageLog(f"sessions can't be asked for at {self._endpoint}")
        self._names = list_cookie_names(name, secure=None)
        self._origins = None if origins is None else AllowedOrigins(origins)

    async def authenticate(self, presented: Presented) -> User:
        """Returns the user of a request.

        Raises MissingCookie, ForeignOrigin, InvalidToken or Unavailable.
        """
        forwarded = self._select_forwarded(presented)
        headers = list(forwarded.build_headers())
        try:
            user = _read(await self._endpoint.get(headers), forwarded)
        except Unreachable as fault:
            raise self._outage.refuse(str(fault)) from None
        self._outage.end()
        if user is None:
            reason = "the auth server knows no such session, or it has expired"
            raise explain_bad_session_token(
                "" if forwarded.cookies else forwarded.bearer or "", reason
            )
        return user

    async def close(self) -> None:
        """Closes the connections."""
        await self._endpoint.close()

    def _select_forwarded(self, presented: Presented) -> "_Forwarded":
        cookies, bearer = _read_cookies(presented, self._names), _find_bearer(presented)
        if not cookies and bearer is None:
            raise MissingCookie
        if cookies and self._origins is not None:
            try:
                self._origins.check(presented)
            except ForeignOrigin:
                if bearer is None:
                    raise
                # The auth server passes over a bearer that is no session's, and reads the cookie.
                cookies = ()
        return _Forwarded(cookies, bearer)


def build_authenticator(settings: Settings) -> Authenticator:
    """Returns the authenticator of the mode remote. Raises ValueError for invalid settings."""
    name, origins = settings.cookie_name, settings.trusted_origins
    return RemoteSession(settings.session_url or "", name=name, origins=origins)


@dataclass(frozen=True, slots=True)
class _Forwarded:
    """The forwarded credentials."""

    cookies: Sequence[tuple[str, str]]
    bearer: str | None

    def build_headers(self) -> Iterator[Header]:
        """Returns the headers. Raises InvalidToken for invalid header values."""
        if self.cookies:
            yield b"Cookie", _encode("; ".join(f"{name}={value}" for name, value in self.cookies))
        if self.bearer is not None:
            yield b"Authorization", _encode(f"Bearer {self.bearer}")

    def matches(self, token: object) -> bool:
        """Whether a session token is one of the forwarded ones. Some servers do not send it."""
        forwarded = [value.lstrip('"') for _, value in self.cookies]
        forwarded += [] if self.bearer is None else [self.bearer]
        return not isinstance(token, str) or any(
            f"{unquote(value)}.".startswith(f"{token}.") for value in forwarded
        )


def _read_cookies(presented: Presented, names: Sequence[str]) -> Sequence[tuple[str, str]]:
    found = [pair for pair in read_cookie_pairs(presented.cookies) if pair[0] in names]
    if len({name for name, _ in found}) < len(found):
        raise InvalidToken("more than one session cookie")
    return found


def _find_bearer(presented: Presented) -> str | None:
    try:
        return bearer_token(presented.authorization)
    except MissingToken:
        return None


def _encode(value: str) -> bytes:
    if _NO_HEADER.search(value):
        raise InvalidToken("characters that no header may hold")
    if len(value) > LONGEST_TOKEN:
        raise InvalidToken("longer than 8 KiB")
    return value.encode("latin-1")


def _read(body: bytes, forwarded: _Forwarded) -> User | None:
    """Returns the user of `/get-session`, or None for `null`. Raises Unreachable."""
    try:
        document = json.loads(body)
        if document is None:
            return None
        session, user = document["session"], document["user"]
        ours = session["userId"] == user["id"] and forwarded.matches(session.get("token"))
        claims = {
            "sub": _read_id(user["id"]),
            "sid": _read_id(session["id"]),
            "email": user.get("email"),
            "name": user.get("name"),
            "exp": _read_seconds(session["expiresAt"]),
        }
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise Unreachable("its answer is no session") from None
    if not ours:
        raise Unreachable("it answers with another session, is there a cache in between?")
    return User.of(claims)


def _read_id(value: object) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise TypeError
    return value


def _read_seconds(text: str) -> int:
    timestamp = datetime.fromisoformat(text)
    return int((timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)).timestamp())
