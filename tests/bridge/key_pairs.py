"""Key pairs for tests, and the sets that publish them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from .minting import ISSUER, good_claims

Jwk = dict[str, Any]
OURS, OTHERS = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def published(kid: str, key: Ed25519PrivateKey = OURS, **changes: object) -> Jwk:
    """The public half; a change to `...` leaves a member out."""
    jwk = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    members = {**jwk, "alg": "EdDSA", "kid": kid, **changes}
    return {name: value for name, value in members.items() if value is not ...}


def key_set(*jwks: object) -> dict[str, object]:
    return {"keys": list(jwks)}


def signed(
    kid: str, key: Ed25519PrivateKey = OURS, *, header: Mapping[str, object] = MappingProxyType({})
) -> str:
    """An access token as Better Auth's `jwt` plugin makes it; its header may say more."""
    claims = good_claims(aud=ISSUER, sid=...)
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid, "typ": "", **header})
