"""Compact JWS (RFC 7515 §7.1) under a shared secret: HS256 (RFC 7518 §3.2) and nothing else."""

import hmac
import json
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .errors import InvalidToken, quoted

_ALGORITHM = "HS256"
_SHORTEST = 32
_ASYMMETRIC = re.compile(
    r"----[- ]BEGIN "
    r"|\A(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp)"
    r'|\A[\ufeff\s]*[{\[].*"k(?:ty|eys)"\s*:',
    re.DOTALL,
)


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
        self._keys = [_key(secret, f"secret {n} of {total}") for n, secret in enumerate(secrets, 1)]

    def open(self, token: str) -> Signed:
        """The signed header and payload of a text of three parts; raises InvalidToken."""
        signed, _, signature = token.rpartition(".")
        header, _, payload = signed.partition(".")
        claimed = _header(header)
        if not self._is_by_one(signed, signature):
            raise InvalidToken("signature does not match, is it the same secret?")
        return Signed(claimed, _decoded(payload, "payload"))

    def _is_by_one(self, signed: str, signature: str) -> bool:
        """All secrets are tried, so that time does not tell which fits."""
        shown = signature.encode()
        matches = [hmac.compare_digest(_signature(key, signed), shown) for key in self._keys]
        return any(matches)


def sign(claims: Mapping[str, object], secret: str) -> str:
    """An access token (RFC 9068) with these claims."""
    header = {"alg": _ALGORITHM, "typ": "at+jwt"}
    signed = b".".join(_base64url(json.dumps(each).encode()) for each in (header, claims)).decode()
    return f"{signed}.{_signature(secret.encode(), signed).decode()}"


def _signature(key: bytes, signed: str) -> bytes:
    return _base64url(hmac.digest(key, signed.encode(), "sha256"))


def _header(text: str) -> Mapping[str, object]:
    """A header chooses neither the algorithm nor the key, nor how the payload is read."""
    try:
        header = json.loads(_decoded(text, "header").decode())
    except (ValueError, RecursionError):
        raise InvalidToken("header is not JSON") from None
    if not isinstance(header, dict):
        raise InvalidToken("header is not a JSON object")
    alg = header.get("alg")
    if alg != _ALGORITHM:
        shown = alg[:20] if isinstance(alg, str) and alg else quoted(alg)
        raise InvalidToken(f"alg {shown}, expected {_ALGORITHM}")
    for name in ("crit", "b64"):
        if name in header:
            raise InvalidToken(f"{name} is not supported")
    if not isinstance(header.get("kid", ""), str):
        raise InvalidToken("kid is not text")
    return header


def _key(secret: str, which: str) -> bytes:
    try:
        key = secret.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{which} is not UTF-8 text") from None
    if _ASYMMETRIC.search(secret):
        raise ValueError(f"{which} is a public key or a JWK, not a shared secret")
    if len(key) < _SHORTEST:
        raise ValueError(
            f"{which} has {len(key)} bytes, HS256 needs {_SHORTEST}: openssl rand -hex 32 makes one"
        )
    return key


def _decoded(part: str, name: str) -> bytes:
    try:
        return b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True)
    except ValueError:
        raise InvalidToken(f"{name} is not base64url") from None


def _base64url(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
