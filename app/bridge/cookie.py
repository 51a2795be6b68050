"""Verifies sessions: by cookie, or by bearer token.

Source: Better Auth 1.7.25 `cookies/index`, `plugins/bearer` and better-call 1.4.5 `parseCookies`,
`getSignedCookie`.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from .encodings import decode_cookie_value, decode_uri_component
from .errors import InvalidToken, MissingToken
from .origins import AllowedOrigins
from .presented import LONGEST_TOKEN, Presented, bearer_token, explain_bad_session_token
from .user import User

SESSION_COOKIE: Final = "better-auth.session_token"
SECURE_PREFIX: Final = "__Secure-"

_SHORTEST_SECRET: Final = 32
_SIGNATURE_LENGTH: Final = 44
_GONE: Final = "the session has ended or expired"


class SessionLookup(Protocol):
    """The store of sessions, see `SessionTable`."""

    async def find_user(self, token: str) -> User | None:
        """Returns the user of an active session with this token, or None."""
        ...


class MissingCookie(MissingToken):
    """401: the request has no session cookie."""

    message = "Sign in first: the request has no session cookie"


class MissingSessionToken(MissingToken):
    """401: the request has no bearer token, which is not an access token here."""

    message = "Send a session token: Authorization: Bearer <token>"


class SessionCookie:
    """Verifies the session cookie that Better Auth sets, and asks for its session.

    `secrets`: those that sign it. The service signs with its current one, and verifies with all.
    `name`: as the auth server calls it, without `__Secure-` (`advanced.cookiePrefix` and
    `advanced.cookies` change it).
    `secure`: whether it has the `__Secure-` prefix, which the auth server gives it behind https;
    None takes either, and only the secure one of a request that has both.
    `origins`: whose pages may call, patterns as in `trustedOrigins`; None asks no page, which is
    safe only where cookies are SameSite and all hosts of the same site are yours.

    Raises ValueError for a secret that is too short.
    """

    def __init__(
        self,
        secrets: str | Sequence[str],
        table: SessionLookup,
        *,
        name: str = SESSION_COOKIE,
        secure: bool | None = None,
        origins: Iterable[str] | None = None,
    ) -> None:
        self._signatures = Signatures(secrets)
        self._table = table
        self._names = list_cookie_names(name, secure=secure)
        self._origins = None if origins is None else AllowedOrigins(origins)

    async def authenticate(self, presented: Presented) -> User:
        """Returns the user of a request.

        Raises MissingCookie, ForeignOrigin, InvalidToken, or as its table does.
        """
        value = get_session_cookie(presented.cookies, self._names)
        if self._origins is not None:
            self._origins.check(presented)
        token = self._signatures.verify(decode_cookie_value(value))
        if token is None:
            raise InvalidToken("the session cookie is not signed with our secret")
        return await _get_user(self._table, token)


class OpaqueBearer:
    """Verifies a session token that comes as `Authorization: Bearer`, as the bearer plugin does.

    `secrets`: those that sign such tokens, see `SessionCookie`. One without a signature is taken,
    too, unless `require_signature` (`bearer.requireSignature`).

    Raises ValueError for a secret that is too short.
    """

    def __init__(
        self, secrets: str | Sequence[str], table: SessionLookup, *, require_signature: bool = False
    ) -> None:
        self._signatures = Signatures(secrets)
        self._table = table
        self._require_signature = require_signature

    async def authenticate(self, presented: Presented) -> User:
        """Returns the user of a request.

        Raises MissingSessionToken, InvalidToken, or as its table does.
        """
        try:
            token = bearer_token(presented.authorization)
        except MissingToken:
            raise MissingSessionToken from None
        if len(token) > LONGEST_TOKEN:
            raise InvalidToken("longer than 8 KiB")
        return await _get_user(self._table, self._open_token(token))

    def _open_token(self, credential: str) -> str:
        if "." in credential:
            token = self._signatures.verify(decode_uri_component(credential))
            if token is None:
                raise explain_bad_session_token(
                    credential, "the session token is not signed with our secret"
                )
            return token
        if self._require_signature:
            raise InvalidToken("the session token has no signature")
        return credential


class Signatures:
    """Verifies `value.signature`: HMAC-SHA256 with the secret, in padded base64."""

    def __init__(self, secrets: str | Sequence[str]) -> None:
        """Raises ValueError for a secret that is too short."""
        all_secrets = [secrets] if isinstance(secrets, str) else list(secrets)
        if not all_secrets or any(len(secret) < _SHORTEST_SECRET for secret in all_secrets):
            raise ValueError(
                f"a secret needs {_SHORTEST_SECRET} characters: openssl rand -hex 32 makes one"
            )
        self._keys = tuple(secret.encode() for secret in all_secrets)

    def verify(self, signed: str) -> str | None:
        """Returns the value before the last dot if the signature is valid."""
        value, _, signature = signed.rpartition(".")
        if not value or len(signature) != _SIGNATURE_LENGTH or not signed.isprintable():
            return None
        # All are tried, so that time does not tell which fits.
        matches = [hmac.compare_digest(_sign(key, value), signature.encode()) for key in self._keys]
        return value if any(matches) else None


def _sign(key: bytes, value: str) -> bytes:
    return b64encode(hmac.digest(key, value.encode(), "sha256"))


def list_cookie_names(name: str, *, secure: bool | None) -> Sequence[str]:
    """Returns the possible names of the session cookie, in order of priority."""
    names = (SECURE_PREFIX + name, name)
    return names if secure is None else names[:1] if secure else names[1:]


def get_session_cookie(headers: Sequence[str], names: Sequence[str]) -> str:
    """Returns the undecoded value of the session cookie. Raises MissingCookie, InvalidToken.

    A repeated cookie is refused: another host or path may have set the second one.
    """
    pairs = list(read_cookie_pairs(headers))
    for name in names:
        values = [value for key, value in pairs if key == name]
        if len(values) > 1:
            raise InvalidToken("more than one session cookie")
        if values:
            return values[0]
    raise MissingCookie


def read_cookie_pairs(headers: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yields names and undecoded values of all Cookie headers, in order."""
    for pair in ";".join(headers).split(";"):
        name, equals, value = pair.partition("=")
        if equals:
            # No other white space: browsers let anybody set "\xa0__Secure-…".
            yield name.strip(" \t"), value.strip(" \t")


async def _get_user(table: SessionLookup, token: str) -> User:
    user = await table.find_user(token)
    if user is None:
        raise InvalidToken(_GONE)
    return user
