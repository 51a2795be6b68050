"""The tokens of links that prove an e-mail address: compact JWTs, as the original mails them.

Their keys are derived, one for each purpose (RFC 5869): what proves one thing proves no other, and
neither an access token nor a cookie cache, which are signed with the secret itself, proves any.
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
    """That somebody reads the mail of `email`, or of `update_to` if it is VERIFY_CHANGE.

    It is good for the user it was mailed for: whoever has the address after them is another one.
    `choice` names the password of the sign-up that it was mailed for, `once` what it uses up.
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
    """Signs with the first of the `secrets` and takes what any of them signed."""

    def __init__(self, secrets: Sequence[str], *, expires_in: int) -> None:
        self._signers = {
            purpose: [Hs256(derived(secret, purpose)) for secret in secrets] for purpose in Purpose
        }
        self.age = timedelta(seconds=expires_in)

    def issue(self, proof: Proof, now: datetime) -> str:
        """A token that holds for `expires_in` seconds."""
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
        """What the token proves; it can be used again until it expires.

        Raises LinkExpired, InvalidLink.
        """
        for purpose, signers in self._signers.items():
            for signer in signers:
                claims = _claims(signer.open(token))
                if claims is not None:
                    return _proof(claims, purpose, now)
        raise InvalidLink


def derived(secret: str, purpose: Purpose) -> bytes:
    """The key of a purpose: HKDF with SHA-256, without salt, of one block (RFC 5869 §2)."""
    pseudorandom = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(pseudorandom, (_INFO + purpose).encode() + b"\x01", "sha256")


def _claims(payload: bytes | None) -> _Claims | None:
    """What was signed; whether it holds now is for the caller to say."""
    try:
        return None if payload is None else msgspec.json.decode(payload, type=_Claims)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _proof(claims: _Claims, purpose: Purpose, now: datetime) -> Proof:
    if claims.exp <= now.timestamp():
        raise LinkExpired
    return Proof(claims.sub, claims.email, purpose, claims.update_to, claims.choice, claims.once)
