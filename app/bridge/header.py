"""What a token says of itself: it chooses neither the key nor how its payload is read."""

from base64 import b64decode
from collections.abc import Mapping
from typing import NamedTuple

from .errors import InvalidToken
from .strict_json import read_object


class Signed(NamedTuple):
    """What a signature was found good for; `payload` is not parsed yet."""

    header: Mapping[str, object]
    payload: bytes


def read_header(token: str) -> Mapping[str, object]:
    """The header of a text of three parts; raises InvalidToken for what is not supported in it.

    Read apart from PyJWT, which takes the last of two members and knows `b64`.
    """
    part = token.partition(".")[0]
    try:
        raw = b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True)
    except ValueError:
        raise InvalidToken("header is not base64url") from None
    header = read_object(raw, "header")
    for name in ("crit", "b64"):
        if name in header:
            raise InvalidToken(f"{name} is not supported")
    if not isinstance(header.get("kid", ""), str):
        raise InvalidToken("kid is not text")
    return header
