"""Access tokens for other services: HS256 JWTs under the shared secret (RFC 7519, RFC 9068)."""

from datetime import datetime

import jwt
import msgspec

from app.records import Session, User
from app.settings import Settings

Claim = str | int | bool | None | list[str]

TYPE = "at+jwt"
LONGEST_CLAIM = 1024  # bytes of a user field


class AccessTokens:
    """`names_email` says whether the address goes in where the settings do not choose the claims.

    It stays out on a database that a Node server shares: that server would take a token of its own
    secret with an `email` for a verification link (Better Auth 1.7.7 `verifyEmail`).
    """

    def __init__(self, settings: Settings, *, names_email: bool) -> None:
        self._key = settings.access_token_secrets[0]
        self._options = settings.jwt
        self._issuer = settings.jwt.issuer or settings.origin
        self._names_email = names_email

    def issue(self, user: User, session: Session, now: datetime) -> str:
        """A signed token; `sub` and `user_id` are the user's id, `sid` the session row's id.

        Never the session token: that is a credential. A text of more than `LONGEST_CLAIM` is left
        out.
        """
        issued_at = int(now.timestamp())
        claims: dict[str, Claim] = {
            "iat": issued_at,
            **self._of(user),
            "sub": user.id,
            "user_id": user.id,
            "sid": session.id,
            "exp": issued_at + self._options.expiration_time,
            "iss": self._issuer,
        }
        audience = list(self._options.audience)
        if audience:
            claims["aud"] = audience[0] if len(audience) == 1 else audience
        return jwt.encode(claims, self._key, algorithm="HS256", headers={"typ": TYPE})

    def _of(self, user: User) -> dict[str, Claim]:
        fields: dict[str, Claim] = msgspec.to_builtins(user)
        return {
            name: value
            for name, value in fields.items()
            if self._is_named(name) and not _is_too_long(value)
        }

    def _is_named(self, field: str) -> bool:
        if self._options.claims is not None:
            return field in self._options.claims
        return field != "email" or self._names_email


def _is_too_long(value: Claim) -> bool:
    """A picture as a data URL, say: with it no proxy would let the token's header through."""
    return isinstance(value, str) and len(value.encode()) > LONGEST_CLAIM
