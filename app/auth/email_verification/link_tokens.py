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


class LinkClaims(Struct, frozen=True):
    """The claims: the user reads the mail of `email` (VERIFY_CHANGE: of `update_to`).

    Valid only for the user to whom it was mailed, not for a later owner of the address. `choice`:
    the password of its sign-up (VERIFY_CHANGE: of the one who asked). `once`: its one-time value.
    `unproven`: asked for before anybody had verified the address. The one who asked need not be
    its owner, so that a link to change it is valid only until the address is verified.
    """

    user_id: str
    email: str
    purpose: Purpose = Purpose.VERIFY
    update_to: str | None = None
    choice: str | None = None
    once: str | None = None
    unproven: bool = False


class _LinkPayload(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    email: str
    update_to: str | None = None
    request_type: str | None = None
    choice: str | None = None
    once: str | None = None
    unproven: bool = False
    sub: str
    iat: int
    exp: int


class LinkTokens:
    """Signs with the first of the `secrets`, verifies with all."""

    def __init__(self, secrets: Sequence[str], *, expires_in: int) -> None:
        self._signers = {
            purpose: [Hs256(derive_key(secret, purpose)) for secret in secrets]
            for purpose in Purpose
        }
        self.age = timedelta(seconds=expires_in)

    def issue(self, claims: LinkClaims, now: datetime) -> str:
        """Returns a token that is valid for `expires_in` seconds."""
        payload = _LinkPayload(
            email=claims.email,
            update_to=claims.update_to,
            request_type=None if claims.update_to is None else claims.purpose.value,
            choice=claims.choice,
            once=claims.once,
            unproven=claims.unproven,
            sub=claims.user_id,
            iat=int(now.timestamp()),
            exp=int((now + self.age).timestamp()),
        )
        return self._signers[claims.purpose][0].sign(msgspec.json.encode(payload))

    def read(self, token: str, now: datetime) -> LinkClaims:
        """Returns the payload of a token. It is valid until it expires.

        Raises LinkExpired, InvalidLink.
        """
        for purpose, signers in self._signers.items():
            for signer in signers:
                payload = _decode(signer.open(token))
                if payload is not None:
                    return _check(payload, purpose, now)
        raise InvalidLink


def derive_key(secret: str, purpose: Purpose) -> bytes:
    """Returns the key of a purpose: HKDF-SHA256 without salt, one block (RFC 5869 §2)."""
    pseudorandom = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(pseudorandom, (_INFO + purpose).encode() + b"\x01", "sha256")


def _decode(signed: bytes | None) -> _LinkPayload | None:
    """Returns the signed payload. The caller checks the time."""
    try:
        return None if signed is None else msgspec.json.decode(signed, type=_LinkPayload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _check(payload: _LinkPayload, purpose: Purpose, now: datetime) -> LinkClaims:
    if payload.exp <= now.timestamp():
        raise LinkExpired
    return LinkClaims(
        payload.sub,
        payload.email,
        purpose,
        payload.update_to,
        payload.choice,
        payload.once,
        payload.unproven,
    )
