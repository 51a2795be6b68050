"""Tokens with which `doctor` asks the running service what it sees of a client.

Without one the response says nothing, so nobody else learns addresses of the inner network.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime
from secrets import token_hex
from typing import Final

from msgspec import Struct

from .constant_time import is_equal

TOKEN_HEADER: Final = "x-doctor-token"  # noqa: S105  # its name
SEEN_HEADER: Final = "x-doctor-client"
_SECONDS: Final = 60  # that a token is good for, before and after its time
_PURPOSE: Final = b"doctor: what does the service see of me"
_PIECES: Final = 3
_LONGEST: Final = 200  # characters


class SeenClient(Struct, frozen=True):
    """What the service sees of a client, for `doctor`.

    `peer` is the other end of the connection, `forwarded` the header in which a proxy names its
    client, as it arrived, `ignored` the name of one that came from a peer that is not trusted.
    """

    client: str
    peer: str
    forwarded: str | None
    ignored: str | None


def make_doctor_token(secret: str, now: datetime) -> str:
    """Returns the time, a nonce, and their HMAC-SHA256."""
    message = f"{int(now.timestamp())}.{token_hex(8)}"
    return f"{message}.{_sign(secret, message)}"


def is_doctor_token(text: str, secrets: Iterable[str], now: datetime) -> bool:
    """Whether one of the secrets signed it in the last minute."""
    pieces = text.split(".")
    if len(text) > _LONGEST or len(pieces) != _PIECES or not pieces[0].isdecimal():
        return False
    message, _, signature = text.rpartition(".")
    is_fresh = abs(int(pieces[0]) - now.timestamp()) <= _SECONDS
    return is_fresh and any(
        is_equal(_sign(secret, message).encode(), signature.encode("utf-8", "replace"))
        for secret in secrets
    )


def _sign(secret: str, message: str) -> str:
    """Signs with a key of its own, so that nothing else can be made of it."""
    key = hmac.digest(secret.encode(), _PURPOSE, "sha256")
    return hmac.digest(key, message.encode("utf-8", "replace"), "sha256").hex()
