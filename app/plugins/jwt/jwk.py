"""Asymmetric key pairs as JWKs (RFC 7517), with members in the original's order."""

from typing import Final, Literal, cast, get_args

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt import PyJWK, PyJWTError
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from msgspec import Struct

Algorithm = Literal["EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256"]
ALGORITHMS: Final = frozenset(get_args(Algorithm))

_CURVES: Final = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
_PUBLIC_EXPONENT: Final = 65537
_MEMBERS: Final = {
    "OKP": ("crv", "d", "x", "kty"),
    "EC": ("kty", "x", "y", "crv", "d"),
    "RSA": ("kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"),
}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi"})


class KeyPair(Struct, frozen=True):
    """Both keys as JSON. `crv` is None for RSA."""

    public: str
    private: str
    crv: str | None

    def __repr__(self) -> str:
        return f"KeyPair({self.public})"  # never the private half


def generate(alg: Algorithm, modulus_length: int) -> KeyPair:
    """Generates a key pair. RSA (with `modulus_length` bits) can take seconds."""
    jwk = _generate_jwk(alg, modulus_length)
    private = {name: jwk[name] for name in _MEMBERS[jwk["kty"]]}
    public = {name: value for name, value in private.items() if name not in _PRIVATE}
    return KeyPair(_encode(public), _encode(private), jwk.get("crv"))


def load(jwk: str, alg: str) -> PyJWK | None:
    """Loads the key for `alg`. Returns None if it is not a key for that algorithm."""
    if alg not in ALGORITHMS:
        return None
    try:
        key = PyJWK(msgspec.json.decode(jwk, type=dict[str, object]), algorithm=alg)
        key.Algorithm.prepare_key(key.key)  # a curve of another algorithm
    except (PyJWTError, ValueError, TypeError, AttributeError, KeyError):
        return None
    return key


def _generate_jwk(alg: Algorithm, modulus_length: int) -> dict[str, str]:
    if alg == "EdDSA":
        found = OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate(), as_dict=True)
    elif alg in _CURVES:
        found = ECAlgorithm.to_jwk(ec.generate_private_key(_CURVES[alg]), as_dict=True)
    else:
        key = rsa.generate_private_key(_PUBLIC_EXPONENT, modulus_length)
        found = RSAAlgorithm.to_jwk(key, as_dict=True)
    return cast("dict[str, str]", found)


def _encode(members: dict[str, str]) -> str:
    return msgspec.json.encode(members).decode()
