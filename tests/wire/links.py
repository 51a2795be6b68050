"""Links of recorded mails: their tokens are the original's, so ours takes their place."""

import re

import jwt

from app.clock import from_iso, now
from app.database import Database
from app.users.verification.tokens import LinkTokens, Proof, Purpose
from tests.rows import id_of

from .comparison import SECRET
from .recording import Request

_TOKEN = re.compile(r"(?<=[?&]token=)ey[\w.-]+")
_LONG_AGO = from_iso("2026-01-01T00:00:00.000Z")


async def with_our_token(request: Request, database: Database, *, expired: bool) -> Request:
    """The request with a token that proves here what the recorded one proved there."""
    found = _TOKEN.search(request.path)
    if found is None:
        return request
    ours = await _ours(found[0], database, expired=expired)
    path = request.path.replace(found[0], ours)
    return Request(request.method, path, request.headers, request.body)


async def _ours(recorded: str, database: Database, *, expired: bool) -> str:
    """One whose signature was wrong stays as it is."""
    try:
        claims = jwt.decode(recorded, SECRET, ["HS256"], options={"verify_exp": False})
    except jwt.InvalidTokenError:
        return recorded
    purpose = Purpose(claims.get("requestType", Purpose.VERIFY))
    user_id = await id_of(database, claims["email"])
    proof = Proof(user_id, claims["email"], purpose, claims.get("updateTo"))
    return LinkTokens([SECRET], expires_in=3600).issue(proof, _LONG_AGO if expired else now())
