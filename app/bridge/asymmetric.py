"""Verifies tokens signed with a key pair, like those of Better Auth's `jwt` plugin."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from importlib import import_module

from jwt import PyJWK, PyJWS, PyJWTError

from .errors import InvalidToken, describe_missing_extra, quote_value

try:
    import_module("cryptography")  # without it PyJWT knows no key pairs, and does not say so
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        describe_missing_extra(__name__, missing, "jwks"), name=missing.name
    ) from None

from . import claims
from .header import read_header
from .presented import Presented, bearer_token, check_token_format
from .user import User

KeySource = Callable[[str], Awaitable[PyJWK | None]]
"""Finds the public key of a `kid`; None where there is none. What it raises passes through."""

ALGORITHMS = ("EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256")
_LONGEST_KID = 256
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})


class AsymmetricVerifier:
    """Verifies with public keys (RFC 8725). Needs the extra `[jwks]`.

    `keys`: where public keys come from. Each is for one algorithm, and a token's header can't
    choose another: HS256 with a public key for a secret is refused, whatever the key.
    `issuer` and `audience`: what `iss` must be, and what `aud` must name one of; Better Auth puts
    the origin of its base URL into both.
    `leeway`: seconds that two clocks may differ, 30 at most.

    Raises ValueError for a setting that is not safe to use.
    """

    def __init__(
        self,
        keys: KeySource,
        *,
        issuer: str,
        audience: str | Iterable[str],
        leeway: float = 5,
    ) -> None:
        self._rules = claims.create_rules(issuer, audience, leeway)
        if not self._rules.audience:
            raise ValueError("no audience given: Better Auth's is the origin of its base URL")
        self._jws = PyJWS(algorithms=ALGORITHMS)
        self._keys = keys

    async def authenticate(self, presented: Presented) -> User:
        """Returns the user of a request. Raises MissingToken or InvalidToken."""
        return await self.verify(bearer_token(presented.authorization))

    async def verify(self, token: str) -> User:
        """Returns the user of this token. Raises InvalidToken."""
        check_token_format(token)
        key = await self._get_key(read_header(token))
        found = claims.read(self._open(token, key))
        claims.check(found, self._rules, time.time())
        return User.of(found)

    async def _get_key(self, header: Mapping[str, object]) -> PyJWK:
        alg, kid = header.get("alg"), header.get("kid")
        if alg not in ALGORITHMS:
            raise InvalidToken(f"alg {quote_value(alg)}, expected one with a key pair")
        _check_type(header.get("typ"))
        # Unprintable covers NUL and lone surrogates, which a database can't be asked for.
        if not isinstance(kid, str) or not kid.isprintable() or not 0 < len(kid) <= _LONGEST_KID:
            raise InvalidToken("kid is not the name of a key")
        key = await self._keys(kid)
        if key is None:
            raise InvalidToken(f"kid {quote_value(kid)} is not published")
        if key.algorithm_name != alg:
            raise InvalidToken(f"alg {quote_value(alg)}, but the key is for {key.algorithm_name}")
        return key

    def _open(self, token: str, key: PyJWK) -> bytes:
        try:
            payload: bytes = self._jws.decode(token, key, algorithms=[key.algorithm_name])
        except PyJWTError:
            raise InvalidToken("signature does not match") from None
        return payload


def _check_type(typ: object) -> None:
    """Checks `typ`. Better Auth sets no type in access tokens, but in those of its cookies."""
    if typ is not None and not (isinstance(typ, str) and typ.lower() in _TYPES):
        raise InvalidToken(f"typ {quote_value(typ)}, expected none")
