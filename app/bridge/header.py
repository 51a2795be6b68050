"""Reads the header of a token. It chooses neither the key nor the way of reading."""

from collections.abc import Mapping
from typing import NamedTuple

from .encodings import decode_base64url
from .errors import InvalidToken
from .strict_json import read_object


class SignedToken(NamedTuple):
    """A token with a valid signature. `payload` is not parsed yet."""

    header: Mapping[str, object]
    payload: bytes


def read_header(token: str) -> Mapping[str, object]:
    """Returns the header of a token. Raises InvalidToken for unsupported members.

    PyJWT is not used here, because it accepts repeated members and `b64`.
    """
    part = token.partition(".")[0]
    try:
        raw = decode_base64url(part)
    except ValueError:
        raise InvalidToken("header is not base64url") from None
    header = read_object(raw, "header")
    for name in ("crit", "b64"):
        if name in header:
            raise InvalidToken(f"{name} is not supported")
    if not isinstance(header.get("kid", ""), str):
        raise InvalidToken("kid is not text")
    return header
