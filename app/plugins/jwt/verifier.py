"""Verifies the tokens that this service signs with a key pair."""

from functools import lru_cache

from jwt import PyJWK

from ...bridge.asymmetric import AsymmetricVerifier
from ...settings.settings import Settings
from .jwk import load
from .options import JwtOptions
from .public_keys import PublicKeys

_loaded = lru_cache(maxsize=64)(load)


def make_verifier(
    settings: Settings, options: JwtOptions, published: PublicKeys
) -> AsymmetricVerifier:
    """Returns a verifier with the published keys, each with its algorithm."""

    async def find(kid: str) -> PyJWK | None:
        found = await published.find(kid)
        return None if found is None else _loaded(found.jwk, found.alg)

    issuer = options.issuer or settings.origin
    audience = options.audience or settings.origin
    return AsymmetricVerifier(find, issuer=issuer, audience=audience)
