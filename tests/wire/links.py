"""Links of recorded mails: their tokens are the original's, so ours takes their place."""

import re

import jwt

from app.clock import from_iso, now
from app.users.verification.tokens import LinkTokens, Proof, Purpose

from .comparison import SECRET
from .recording import Request

_TOKEN = re.compile(r"(?<=[?&]token=)ey[\w.-]+")
_LONG_AGO = from_iso("2026-01-01T00:00:00.000Z")


def with_our_token(request: Request, *, expired: bool) -> Request:
    """The request with a token that proves here what the recorded one proved there."""
    path = _TOKEN.sub(lambda found: _ours(found[0], expired=expired), request.path)
    return Request(request.method, path, request.headers, request.body)


def _ours(recorded: str, *, expired: bool) -> str:
    """One whose signature was wrong stays as it is."""
    try:
        claims = jwt.decode(recorded, SECRET, ["HS256"], options={"verify_exp": False})
    except jwt.InvalidTokenError:
        return recorded
    purpose = Purpose(claims.get("requestType", Purpose.VERIFY))
    proof = Proof(claims["email"], purpose, claims.get("updateTo"))
    return LinkTokens([SECRET], expires_in=3600).issue(proof, _LONG_AGO if expired else now())
