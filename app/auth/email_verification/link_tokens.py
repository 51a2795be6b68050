"""The tokens of links that verify an address: compact JWTs, as in the original.

Each purpose has its own derived key (RFC 5869). So a token of one purpose is invalid for another,
and an access token or a cookie cache, signed with the secret itself, is invalid, too.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from ..crypto.jws import Hs256
from ..errors import InvalidLink, LinkExpired

_INFO: Final = "better-auth mail "


class Purpose(StrEnum):
    """What opening the link does; the last two are Better Auth's `requestType`."""

    VERIFY = "email-verification"
    CONFIRM_CHANGE = "change-email-confirmation"
    VERIFY_CHANGE = "change-email-verification"


class Proof(Struct, frozen=True):
    """The claims: the user reads the mail of `email` (VERIFY_CHANGE: of `update_to`).

    Valid only for the user to whom it was mailed, not for a later owner of the address. `choice`:
    the password of its sign-up. `once`: its one-time value.
    """

    user_id: str
    email: str
    purpose: Purpose = Purpose.VERIFY
    update_to: str | None = None
    choice: str | None = None
    once: str | None = None


class _Claims(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    email: str
    update_to: str | None = None
    request_type: str | None = None
    choice: str | None = None
    once: str | None = None
    sub: str
    iat: int
    exp: int


class LinkTokens:
    """Signs with the first of the `secrets`, verifies with all."""

    def __init__(self, secrets: Sequence[str], *, expires_in: int) -> None:
        self._signers = {
            purpose: [Hs256(derived(secret, purpose)) for secret in secrets] for purpose in Purpose
        }
        self.age = timedelta(seconds=expires_in)

    def issue(self, proof: Proof, now: datetime) -> str:
        """Returns a token that is valid for `expires_in` seconds."""
        claims = _Claims(
            email=proof.email,
            update_to=proof.update_to,
            request_type=None if proof.update_to is None else proof.purpose.value,
            choice=proof.choice,
            once=proof.once,
            sub=proof.user_id,
            iat=int(now.timestamp()),
            exp=int((now + self.age).timestamp()),
        )
        return self._signers[proof.purpose][0].sign(msgspec.json.encode(claims))

    def read(self, token: str, now: datetime) -> Proof:
        """Returns the claims of a token. It is valid until it expires.

        Raises LinkExpired, InvalidLink.
        """
        for purpose, signers in self._signers.items():
            for signer in signers:
                claims = _claims(signer.open(token))
                if claims is not None:
                    return _proof(claims, purpose, now)
        raise InvalidLink


def derived(secret: str, purpose: Purpose) -> bytes:
    """Returns the key of a purpose: HKDF-SHA256 without salt, one block (RFC 5869 §2)."""
    pseudorandom = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(pseudorandom, (_INFO + purpose).encode() + b"\x01", "sha256")


def _claims(payload: bytes | None) -> _Claims | None:
    """Returns the signed claims. The caller checks the time."""
    try:
        return None if payload is None else msgspec.json.decode(payload, type=_Claims)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _proof(claims: _Claims, purpose: Purpose, now: datetime) -> Proof:
    if claims.exp <= now.timestamp():
        raise LinkExpired
    return Proof(claims.sub, claims.email, purpose, claims.update_to, claims.choice, claims.once)
