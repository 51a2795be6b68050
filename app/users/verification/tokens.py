"""The tokens of links that prove an e-mail address: compact JWTs, as the original mails them.

Their keys are derived, one for each purpose (RFC 5869): what proves one thing proves no other, and
neither an access token nor a cookie cache, which are signed with the secret itself, proves any.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import jwt
import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from app.users.errors import InvalidLink, LinkExpired

_INFO: Final = "better-auth mail "
_KEY_LENGTH: Final = 32  # bytes; RFC 7518 3.2


class Purpose(StrEnum):
    """What opening the link does; the last two are Better Auth's `requestType`."""

    VERIFY = "email-verification"
    CONFIRM_CHANGE = "change-email-confirmation"
    VERIFY_CHANGE = "change-email-verification"


class Proof(Struct, frozen=True):
    """That somebody reads the mail of `email`, or of `update_to` if it is VERIFY_CHANGE.

    It is good for the user it was mailed for: whoever has the address after them is another one.
    """

    user_id: str
    email: str
    purpose: Purpose = Purpose.VERIFY
    update_to: str | None = None


class _Claims(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    email: str
    update_to: str | None = None
    request_type: str | None = None
    sub: str
    iat: int
    exp: int


class LinkTokens:
    """Signs with the first of the `secrets` and takes what any of them signed."""

    def __init__(self, secrets: Sequence[str], *, expires_in: int) -> None:
        self._keys = {each: [_derived(secret, each) for secret in secrets] for each in Purpose}
        self._age = timedelta(seconds=expires_in)

    def issue(self, proof: Proof, now: datetime) -> str:
        """A token that holds for `expires_in` seconds."""
        claims = _Claims(
            email=proof.email,
            update_to=proof.update_to,
            request_type=None if proof.update_to is None else proof.purpose.value,
            sub=proof.user_id,
            iat=int(now.timestamp()),
            exp=int((now + self._age).timestamp()),
        )
        key = self._keys[proof.purpose][0]
        return jwt.encode(
            msgspec.to_builtins(claims), key, algorithm="HS256", headers={"typ": None}
        )

    def read(self, token: str, now: datetime) -> Proof:
        """What the token proves; it can be used again until it expires.

        Raises LinkExpired, InvalidLink.
        """
        for purpose, keys in self._keys.items():
            for key in keys:
                claims = _verified(token, key)
                if claims is not None:
                    return _proof(claims, purpose, now)
        raise InvalidLink


def _derived(secret: str, purpose: Purpose) -> bytes:
    info = (_INFO + purpose).encode()
    return HKDF(SHA256(), _KEY_LENGTH, salt=None, info=info).derive(secret.encode())


def _verified(token: str, key: bytes) -> _Claims | None:
    """The claims under a good signature; whether they hold now is for the caller to say."""
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
        return msgspec.convert(claims, _Claims)
    except (jwt.InvalidTokenError, msgspec.ValidationError, UnicodeError):
        return None


def _proof(claims: _Claims, purpose: Purpose, now: datetime) -> Proof:
    if claims.exp <= now.timestamp():
        raise LinkExpired
    return Proof(claims.sub, claims.email, purpose, claims.update_to)
