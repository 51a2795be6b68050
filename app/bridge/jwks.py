"""The public keys that an auth server publishes (RFC 7517). Needs httpx, PyJWT and cryptography."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import httpx
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK, PyJWTError

from .asymmetric import ALGORITHMS, AsymmetricVerifier
from .endpoint import SECONDS, HttpEndpoint, Unreachable
from .errors import Unavailable
from .outage import OutageLog
from .presented import Authenticator
from .settings import Settings

LONGEST_SET: Final = 256 * 1024  # bytes
MAX_AGE: Final = 300.0  # seconds
COOLDOWN: Final = 10.0

_log = logging.getLogger(__name__)
_STALE_WAIT: Final = 0.5  # seconds that a token of a known key waits for a newer set
_NEVER: Final = float("-inf")
_FIRST_PAUSE: Final = 1.0  # seconds after a fetch that failed; then twice that, up to the cooldown
_SHORTEST_RSA: Final = 2048  # bits; RFC 7518 section 3.3
_ONCE: Final = ((b"Connection", b"close"),)  # the next fetch is minutes away
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@dataclass(frozen=True, slots=True)
class HeldKeys:
    """The keys of one response, by `kid`. Immutable; the next response replaces them."""

    keys: Mapping[str, PyJWK]
    asked_at: float


class RemoteKeys:
    """A `KeySource`: the keys of a JWKS URL. Its host may differ from the issuer.

    The keys are fetched again after five minutes. For an unknown `kid` they are fetched at most
    once in ten seconds. There is one fetch at a time, with `timeout` seconds. If it fails, the last
    good keys stay in use. `clock` returns seconds. Raises ValueError for an invalid URL.
    """

    def __init__(
        self,
        url: str,
        *,
        client: httpx.AsyncClient | None = None,
        timeout: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoint = HttpEndpoint(
            url, largest=LONGEST_SET, proxied=True, client=client, seconds=timeout
        )
        self._outage = OutageLog(f"the keys at {self._endpoint} cannot be fetched")
        self._clock = clock
        self._held = HeldKeys(MappingProxyType({}), _NEVER)
        self._retry_at = _NEVER
        self._pause = _FIRST_PAUSE
        self._fault = "not asked yet"  # why the last answer says nothing; empty where it does
        self._fetching: asyncio.Task[None] | None = None

    async def __call__(self, kid: str) -> PyJWK | None:
        """Returns the key with this id. Raises Unavailable if the keys cannot be fetched."""
        fetch = self._ensure_fetch(is_known=kid in self._held.keys)
        if fetch is not None:
            # Who waits here may be cancelled: the fetch goes on for the others.
            timeout = _STALE_WAIT if kid in self._held.keys else None
            await asyncio.wait({fetch}, timeout=timeout)
        key = self._held.keys.get(kid)
        if key is None and self._fault:
            raise Unavailable(self._fault)
        return key

    async def close(self) -> None:
        """Cancels a running fetch and closes the connections."""
        if self._fetching is not None:
            self._fetching.cancel()
        await self._endpoint.close()

    def _ensure_fetch(self, *, is_known: bool) -> asyncio.Task[None] | None:
        """Returns the fetch that this request must wait for, or None."""
        now = self._clock()
        enough = MAX_AGE if is_known else COOLDOWN
        if now - self._held.asked_at < enough:
            return None
        running, loop = self._fetching, asyncio.get_running_loop()
        if running is not None and not running.done() and running.get_loop() is loop:
            return running
        if now < self._retry_at:
            return None
        self._fetching = loop.create_task(self._fetch(now))
        return self._fetching

    async def _fetch(self, now: float) -> None:
        self._fault = "not answered yet"
        try:
            # Big keys take their time.
            keys = await asyncio.to_thread(read_keys, await self._endpoint.get(_ONCE))
        except (Unreachable, NotKeys) as fault:
            self._fault = str(fault)
            self._retry_at = self._clock() + self._pause
            self._pause = min(self._pause * 2, COOLDOWN)
            self._outage.report(f"{fault}; {len(self._held.keys)} old keys stay in use")
            return
        self._held = HeldKeys(MappingProxyType(keys), now)
        self._fault = ""
        self._pause = _FIRST_PAUSE
        self._outage.end()


def build_authenticator(settings: Settings) -> Authenticator:
    """Returns the verifier of the mode jwks. Raises ValueError for invalid settings."""
    keys = RemoteKeys(settings.jwks_url or "")
    return AsymmetricVerifier(keys, issuer=settings.issuer or "", audience=settings.audience)


class NotKeys(Exception):
    """The response is not a JWK Set."""


def read_keys(body: bytes) -> dict[str, PyJWK]:
    """Returns the public signing keys of a JWK Set by `kid`. Raises NotKeys."""
    try:
        document = json.loads(body)
        found = document["keys"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise NotKeys("its response is not a JWK Set") from None
    if not isinstance(found, list):
        raise NotKeys("its response is not a JWK Set")
    keys: dict[str, PyJWK] = {}
    for jwk in found:
        if isinstance(jwk, dict) and (key := _find_verifying_key(jwk)) is not None:
            keys.setdefault(jwk["kid"], key)
    return keys


def _find_verifying_key(jwk: dict[str, object]) -> PyJWK | None:
    """Returns the key if it is public and verifies signatures, otherwise None."""
    if not isinstance(jwk.get("kid"), str) or jwk.get("use", "sig") != "sig":
        return None
    if _PRIVATE & jwk.keys():
        _log.error("a published key is private or symmetric: it is not used")
        return None
    if jwk.get("alg") not in (None, *ALGORITHMS) or not _can_verify(jwk.get("key_ops")):
        return None
    try:
        key = PyJWK(jwk)
        key.Algorithm.prepare_key(key.key)  # a curve of another algorithm
    except (PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, AttributeError, KeyError):
        return None
    weak = isinstance(key.key, RSAPublicKey) and key.key.key_size < _SHORTEST_RSA
    return None if weak or key.algorithm_name not in ALGORITHMS else key


def _can_verify(operations: object) -> bool:
    return operations is None or (isinstance(operations, list) and "verify" in operations)
