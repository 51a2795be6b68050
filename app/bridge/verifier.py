"""Verifies the token of a request, or a token alone, and returns its user."""

import time
from collections.abc import Iterable, Mapping, Sequence

from . import claims
from .errors import InvalidToken, quote_value
from .presented import Presented, bearer_token, check_token_format
from .user import User

_ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt"})


class Verifier:
    """Verifies HS256 access tokens (RFC 9068, RFC 8725). Safe to share between threads.

    `secrets`: one secret of at least 32 bytes, or several while one is being rotated out.
    `issuer`: the exact `iss` asked for; None does not ask.
    `audience`: the token's `aud` must name one of these. With none configured a token *without*
    `aud` is taken, as Better Auth's Python service issues them, and one *with* `aud` is refused:
    it is meant for somebody else, as far as this API can tell (RFC 7519 §4.1.3).
    `accept_untyped`: also take the header `typ: JWT`, or none, as hand-minted tokens have.
    Off, because it is `typ` that tells an access token from other JWTs under the same secret.
    `leeway`: seconds that two clocks may differ, 30 at most.

    Raises ValueError for a setting that is not safe to use.
    """

    def __init__(
        self,
        secrets: str | Sequence[str],
        *,
        issuer: str | None = None,
        audience: str | Iterable[str] = (),
        accept_untyped: bool = False,
        leeway: float = 5,
    ) -> None:
        # PyJWT is loaded with the first verifier: many who import the bridge never make one.
        from .hs256 import SharedSecrets  # noqa: PLC0415 - see above

        self._keys = SharedSecrets([secrets] if isinstance(secrets, str) else secrets)
        self._rules = claims.create_rules(issuer, audience, leeway)
        self._accept_untyped = accept_untyped

    async def authenticate(self, presented: Presented) -> User:
        """Returns the user of a request. Raises MissingToken or InvalidToken.

        Nothing in it waits: code that is not async calls `verify(bearer_token(headers))`.
        """
        return self.verify(bearer_token(presented.authorization))

    def verify(self, token: str) -> User:
        """Returns the user of this token. Raises InvalidToken."""
        check_token_format(token)
        header, payload = self._keys.open(token)
        self._check_header(header)
        found = claims.read(payload)
        claims.check(found, self._rules, time.time())
        return User.of(found)

    def _check_header(self, header: Mapping[str, object]) -> None:
        typ = header.get("typ")
        if typ is None or isinstance(typ, str):
            kind = "jwt" if typ is None else typ.lower()
            if kind in _ACCESS_TOKEN_TYPES or (kind == "jwt" and self._accept_untyped):
                return
        raise InvalidToken(f"typ {quote_value(typ)}, expected 'at+jwt'")
