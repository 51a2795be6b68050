"""The token that a request presents, before anything of it is believed."""

import re
from collections.abc import Sequence

from .errors import InvalidToken, MissingToken

LONGEST_TOKEN = 8 * 1024

_JWS_PARTS, _JWE_PARTS = 3, 5
_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_CREDENTIALS = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +(.*))?", re.DOTALL)


def bearer_token(authorization: Sequence[str]) -> str:
    """The token, given all Authorization headers; raises MissingToken or InvalidToken."""
    if not authorization:
        raise MissingToken
    if len(authorization) > 1:
        raise InvalidToken("more than one Authorization header")
    credentials = _CREDENTIALS.fullmatch(authorization[0].strip(" \t"))
    if credentials is None:
        raise InvalidToken("malformed Authorization header")
    scheme, token = credentials.groups()
    if scheme.lower() != "bearer":
        raise MissingToken
    if not token:
        raise InvalidToken("no token after Bearer")
    return str(token)


def check_shape(token: str) -> None:
    """Raises InvalidToken unless the text could be a signed JWT."""
    if len(token) > LONGEST_TOKEN:
        raise InvalidToken("longer than 8 KiB")
    parts = token.count(".") + 1
    if parts == _JWE_PARTS:
        raise InvalidToken("encrypted, expected a signed JWT of 3 parts")
    if parts != _JWS_PARTS:
        raise InvalidToken(f"not a JWT: {parts} part{'s'[: parts != 1]}, expected 3")
    if not _JWS.fullmatch(token):
        raise InvalidToken("not a JWT: characters outside base64url")
