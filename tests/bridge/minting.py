"""Access tokens for tests, good ones and any other."""

import base64
import hmac
import json
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import jwt

SECRET = "a-test-secret-of-more-than-32-bytes!"
OTHER_SECRET = "another-test-secret-of-over-32-bytes"
ISSUER = "http://localhost:8000"


def good_claims(**changes: object) -> dict[str, Any]:
    """The claims of a valid token; a change to `...` leaves the claim out."""
    now = int(time.time())
    claims: dict[str, object] = {
        "sub": "user-1",
        "email": "ann@example.com",
        "name": "Ann",
        "sid": "session-1",
        "iss": ISSUER,
        "iat": now,
        "exp": now + 900,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not ...}


def mint(
    claims: dict[str, Any] | None = None,
    *,
    secret: str = SECRET,
    alg: str = "HS256",
    typ: str | None = "at+jwt",
    header: Mapping[str, object] = MappingProxyType({}),
) -> str:
    """A token as PyJWT makes it."""
    return jwt.encode(
        good_claims() if claims is None else claims,
        secret,
        algorithm=alg,
        headers={"typ": typ, **header},
    )


def raw_token(header: bytes, payload: bytes, *, secret: bytes = SECRET.encode()) -> str:
    """A token with a right HMAC-SHA256 over whatever is given."""
    signing_input = f"{_base64url(header)}.{_base64url(payload)}"
    signature = hmac.digest(secret, signing_input.encode(), "sha256")
    return f"{signing_input}.{_base64url(signature)}"


def raw_claims(payload: str) -> str:
    """A rightly signed access token whose payload is this text."""
    return raw_token(b'{"alg":"HS256","typ":"at+jwt"}', payload.encode())


def raw_header(**header: object) -> str:
    """A rightly signed token with good claims and exactly this header."""
    return raw_token(json.dumps(header).encode(), json.dumps(good_claims()).encode())


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
