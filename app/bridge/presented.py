"""The credentials of a request before verification, and the interface to verify them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from .encodings import decode_base64url, encode_base64url
from .errors import InvalidToken, MissingToken
from .user import User

LONGEST_TOKEN = 8 * 1024

_LENGTHS = frozenset(map(len, ("authorization", "cookie", "origin")))
_JWS_LENGTH, _JWE_LENGTH = 3, 5
_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_CREDENTIALS = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Presented:
    """The credentials of a request, not decoded. A repeated header is there twice."""

    authorization: Sequence[str]
    """The values of all Authorization headers."""
    cookies: Sequence[str] = ()
    """The values of all Cookie headers."""
    origins: Sequence[str] = ()
    """The values of all Origin headers, which say what page a browser's request is of."""

    @classmethod
    def by(cls, headers: Iterable[tuple[bytes, bytes]]) -> "Presented":
        """Reads the credentials of the headers of an ASGI scope."""
        authorization: list[str] = []
        cookies: list[str] = []
        origins: list[str] = []
        for name, value in headers:
            if len(name) not in _LENGTHS:
                continue
            kind = name.lower()
            if kind == b"authorization":
                authorization.append(value.decode("latin-1"))
            elif kind == b"cookie":
                cookies.append(value.decode("latin-1"))
            elif kind == b"origin":
                origins.append(value.decode("latin-1"))
        return cls(authorization, cookies, origins)


class Authenticator(Protocol):
    """Finds out who is calling, in one of the modes."""

    async def authenticate(self, presented: Presented, /) -> User:
        """Returns the user of a request. Raises a BridgeError."""
        ...


@runtime_checkable
class SessionAuthenticator(Authenticator, Protocol):
    """Reads the session with every request, so that an ended one is refused at once."""

    @property
    def cookie_name(self) -> str:
        """The name of the session cookie."""
        ...


def bearer_token(authorization: Sequence[str]) -> str:
    """Returns the token of all Authorization headers. Raises MissingToken or InvalidToken."""
    if not authorization:
        raise MissingToken
    if len(authorization) > 1:
        raise InvalidToken("more than one Authorization header")
    credentials = _CREDENTIALS.fullmatch(authorization[0].strip(" \t"))
    if credentials is None:
        raise InvalidToken("malformed Authorization header")
    scheme, token = credentials.groups()
    if scheme.lower() != "bearer":
        raise MissingToken
    if not token:
        raise InvalidToken("no token after Bearer")
    return str(token)


def explain_bad_session_token(token: str, reason: str) -> InvalidToken:
    """Returns the refusal of an invalid session token. An access token gets a hint."""
    mistaken = token.startswith("eyJ") and token.count(".") == _JWS_LENGTH - 1
    return InvalidToken("an access token, expected the session token" if mistaken else reason)


def check_token_format(token: str) -> None:
    """Raises InvalidToken if the text cannot be a signed JWT."""
    if len(token) > LONGEST_TOKEN:
        raise InvalidToken("longer than 8 KiB")
    count = token.count(".") + 1
    if count == _JWE_LENGTH:
        raise InvalidToken("encrypted, expected a signed JWT of 3 parts")
    if count != _JWS_LENGTH:
        raise InvalidToken(f"not a JWT: {count} part{'s'[: count != 1]}, expected 3")
    if not _JWS.fullmatch(token):
        raise InvalidToken("not a JWT: characters outside base64url")
    if not _has_one_spelling(token.rpartition(".")[2]):
        raise InvalidToken("signature is not base64url as it is written")


def _has_one_spelling(part: str) -> bool:
    """Whether no other text decodes to the same bytes (unused last bits are zero)."""
    try:
        return encode_base64url(decode_base64url(part)) == part
    except ValueError:
        return False
