"""Signatures under a shared secret (HS256, RFC 7518 §3.2)."""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from jwt import DecodeError, InvalidAlgorithmError, InvalidSignatureError, PyJWS, PyJWTError
from jwt.algorithms import HMACAlgorithm

from .errors import InvalidToken, quoted

_ALGORITHM = "HS256"
_SHORTEST = 32


class Signed(NamedTuple):
    """What a signature was found good for; `payload` is not parsed yet."""

    header: Mapping[str, object]
    payload: bytes


class SharedSecrets:
    """Opens tokens signed with any of the secrets; the others are old ones being rotated out."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Raise ValueError for a secret that HS256 must not be used with."""
        if not secrets:
            raise ValueError("no secret given: a verifier needs the one that signs the tokens")
        total = len(secrets)
        keys = [_key(secret, f"secret {n} of {total}") for n, secret in enumerate(secrets, 1)]
        # An instance that knows one algorithm can't be talked into another by a token's header.
        self._jws = PyJWS(algorithms=[])
        self._jws.register_algorithm(_ALGORITHM, _AnyOf(keys))

    def open(self, token: str) -> Signed:
        """The signed header and payload; raises InvalidToken."""
        try:
            signed = self._jws.decode_complete(token, algorithms=[_ALGORITHM])
        except InvalidAlgorithmError:
            raise InvalidToken(self._wrong_algorithm(token)) from None
        except InvalidSignatureError:
            raise InvalidToken("signature does not match, is it the same secret?") from None
        except DecodeError:
            raise InvalidToken("malformed header, payload or signature") from None
        except PyJWTError:
            raise InvalidToken("unsupported crit, kid or b64 header") from None
        return Signed(signed["header"], signed["payload"])

    def _wrong_algorithm(self, token: str) -> str:
        alg = self._jws.get_unverified_header(token).get("alg")
        shown = alg[:20] if isinstance(alg, str) and alg else quoted(alg)
        return f"alg {shown}, expected {_ALGORITHM}"


class _AnyOf(HMACAlgorithm):
    """HMAC-SHA256 with several keys, all of them tried, so that time does not tell which fits."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        super().__init__(HMACAlgorithm.SHA256)
        self._keys = tuple(keys)

    def prepare_key(self, key: str | bytes) -> bytes:
        return b""  # the keys were prepared once, at construction

    def check_key_length(self, key: bytes) -> str | None:
        return None

    def verify(self, msg: bytes, key: bytes, sig: bytes) -> bool:
        matches = [hmac.compare_digest(hmac.digest(k, msg, sha256), sig) for k in self._keys]
        return any(matches)


def _key(secret: str, which: str) -> bytes:
    try:
        key = HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(secret)
    except UnicodeEncodeError:
        raise ValueError(f"{which} is not UTF-8 text") from None
    except PyJWTError:
        raise ValueError(f"{which} is empty, a public key or a JWK, not a shared secret") from None
    if len(key) < _SHORTEST:
        raise ValueError(
            f"{which} has {len(key)} bytes, HS256 needs {_SHORTEST}: openssl rand -hex 32 makes one"
        )
    return key
