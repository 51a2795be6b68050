"""Access tokens for other services (RFC 7519), under the shared secret."""

from datetime import datetime
from typing import Final, Protocol

import msgspec
from msgspec.structs import astuple

from ...auth.crypto.jws import ACCESS_TOKEN, Hs256
from ...models.records import Session, User
from ...settings.options import Jwt
from ...settings.settings import Settings
from ...storage.row_cache import LookAside, weight_of

Claim = str | int | bool | None | list[str]
Claims = dict[str, Claim]

LONGEST_CLAIM: Final = 1024  # bytes of a user field


class AccessTokens(Protocol):
    """Makes the token of a session."""

    async def issue(self, user: User, session: Session, now: datetime) -> str:
        """A signed token; never holds the session token, which is a credential."""
        ...


class KeyPairSigner(AccessTokens, Protocol):
    """Signs with a private key of the `jwks` table, whose public half anybody may have."""

    async def ensure(self, now: datetime) -> None:
        """Makes a key unless there is a live one."""
        ...


class SharedSecretTokens:
    """HS256. `sub` and `user_id` are the user's id, `sid` the session row's id.

    `names_email` says whether the address goes in where the settings do not choose the claims.
    It stays out on a database that a Node server shares: that server would take a token of its own
    secret with an `email` for a verification link (Better Auth 1.7.25 `verifyEmail`).
    """

    def __init__(self, settings: Settings, *, names_email: bool) -> None:
        self._jws = Hs256(settings.access_token_secrets[0].encode(), ACCESS_TOKEN)
        self._options = settings.jwt
        self._issuer = settings.jwt.issuer or settings.origin
        self._names_email = names_email
        self._issued: LookAside[tuple[User, Session, str]] = LookAside()

    async def issue(self, user: User, session: Session, now: datetime) -> str:
        """See `AccessTokens`; a text of more than `LONGEST_CLAIM` is left out."""
        issued_at = int(now.timestamp())
        # Moments are whole seconds, so that until the next one the token would be the same.
        issued = self._issued.find(session.id, issued_at)
        if issued is None or issued[0] != user or issued[1] != session:
            issued = user, session, self._signed(user, session, issued_at)
            weight = weight_of((*astuple(user), *astuple(session), issued[2]))
            self._issued.keep(session.id, issued, issued_at, weight)
        return issued[2]

    def _signed(self, user: User, session: Session, issued_at: int) -> str:
        claims: Claims = {
            "iat": issued_at,
            **self._of(user),
            "sub": user.id,
            "user_id": user.id,
            "sid": session.id,
            "exp": issued_at + self._options.expiration_time,
            "iss": self._issuer,
        }
        if self._options.audience:
            claims["aud"] = audience(self._options.audience)
        return self._jws.sign(msgspec.json.encode(claims))

    def _of(self, user: User) -> Claims:
        return {
            name: value
            for name, value in chosen(user, self._options).items()
            if not _is_too_long(value) and (name != "email" or self._tells_email)
        }

    @property
    def _tells_email(self) -> bool:
        return self._names_email or self._options.claims is not None


def chosen(user: User, options: Jwt) -> Claims:
    """The user's fields, or those that the settings name."""
    fields: Claims = msgspec.to_builtins(user)
    if options.claims is None:
        return fields
    return {name: value for name, value in fields.items() if name in options.claims}


def audience(names: tuple[str, ...]) -> Claim:
    """`aud`: one name stands alone (RFC 7519 §4.1.3)."""
    return names[0] if len(names) == 1 else list(names)


def _is_too_long(value: Claim) -> bool:
    """A picture as a data URL, say: with it no proxy would let the token's header through."""
    return isinstance(value, str) and len(value.encode()) > LONGEST_CLAIM
