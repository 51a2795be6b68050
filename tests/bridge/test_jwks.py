"""Keys by URL: what is fetched and when, over an HTTP server that misbehaves."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from app.bridge import InvalidToken, Presented, Unavailable
from app.bridge.asymmetric import AsymmetricVerifier
from app.bridge.jwks import COOLDOWN, LONGEST_SET, MAX_AGE, RemoteKeys, read_keys

from .key_pairs import OTHERS, Jwk, key_set, published, signed
from .minting import ISSUER
from .web_server import WebServer, answer, document, web_server

pytestmark = pytest.mark.anyio


class Clock:
    """Stands still unless a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    """Publishes the key `a`."""
    async with web_server() as served:
        served.answer = document(key_set(published("a")))
        yield served


@pytest.fixture
async def keys(server: WebServer, clock: Clock) -> AsyncIterator[RemoteKeys]:
    source = RemoteKeys(server.url, clock=clock)
    yield source
    await source.close()


async def renewed(keys: RemoteKeys, clock: Clock) -> None:
    """A set that is old, and what came of asking for a newer one."""
    clock.now += MAX_AGE
    await keys("a")
    assert keys._fetching is not None
    await asyncio.wait({keys._fetching})


async def test_key_is_fetched_once(server: WebServer, keys: RemoteKeys) -> None:
    for _ in range(3):
        assert await keys("a") is not None
    assert server.requests == 1


async def test_issuer_is_not_the_host_that_is_asked(server: WebServer, keys: RemoteKeys) -> None:
    verifier = AsymmetricVerifier(keys, issuer=ISSUER, audience=ISSUER)
    user = await verifier.authenticate(Presented([f"Bearer {signed('a')}"]))
    assert (user.id, ISSUER in server.url) == ("user-1", False)


async def test_parallel_unknown_kids_share_one_fetch(server: WebServer, keys: RemoteKeys) -> None:
    found = await asyncio.gather(*(keys(f"unknown {n}") for n in range(50)))
    assert (found, server.requests) == ([None] * 50, 1)


async def test_unknown_kids_fetch_once_in_the_cooldown(
    server: WebServer, keys: RemoteKeys, clock: Clock
) -> None:
    await keys("a")
    for n in range(50):
        clock.now += COOLDOWN / 60
        assert await keys(f"unknown {n}") is None
    assert server.requests == 1
    clock.now += COOLDOWN
    await keys("unknown")
    assert server.requests == 2


async def test_key_made_later_is_found_after_the_cooldown(
    server: WebServer, keys: RemoteKeys, clock: Clock
) -> None:
    await keys("a")
    server.answer = document(key_set(published("a"), published("b")))
    clock.now += COOLDOWN
    assert await keys("b") is not None


async def test_withdrawn_key_is_refused_once_the_set_is_old(
    server: WebServer, keys: RemoteKeys, clock: Clock
) -> None:
    await keys("a")
    server.answer = document(key_set(published("b")))
    assert await keys("a") is not None
    await renewed(keys, clock)
    assert await keys("a") is None


async def test_key_replaced_under_its_name_is_the_new_one(
    server: WebServer, keys: RemoteKeys, clock: Clock
) -> None:
    verifier = AsymmetricVerifier(keys, issuer=ISSUER, audience=ISSUER)
    await verifier.verify(signed("a"))
    server.answer = document(key_set(published("a", OTHERS)))
    await renewed(keys, clock)
    with pytest.raises(InvalidToken, match="signature does not match"):
        await verifier.verify(signed("a"))
    assert (await verifier.verify(signed("a", OTHERS))).id == "user-1"


@pytest.mark.parametrize("kid", ["a", "mine"])
async def test_keys_that_a_token_brings_are_neither_used_nor_fetched(
    server: WebServer, keys: RemoteKeys, kid: str
) -> None:
    verifier = AsymmetricVerifier(keys, issuer=ISSUER, audience=ISSUER)
    async with web_server() as elsewhere:
        elsewhere.answer = document(key_set(published(kid, OTHERS)))
        url = elsewhere.url
        header = {"jku": url, "x5u": url, "jwk": published(kid, OTHERS), "x5c": ["AAAA"]}
        with pytest.raises(InvalidToken):
            await verifier.verify(signed(kid, OTHERS, header=header))
        assert elsewhere.requests == 0
    assert server.requests == 1


BROKEN = {
    "500": answer(500),
    "not found": answer(404, b'{"keys":[]}'),
    "not http": b"nonsense" + b"\r\n\r\n",
    "cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
    "no json": answer(200, b"<html>"),
    "deep": answer(200, b"[" * 100_000),
    "not utf-8": answer(200, b"\xff\xfe\xfd"),
    "no set": document({"key": []}),
    "a list": document([]),
    "null": document(None),
    "keys that are no list": document({"keys": {"a": published("a")}}),
    "too long": answer(200, json.dumps(key_set("x" * LONGEST_SET)).encode()),
    "too long in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + f"{2 * LONGEST_SET:x}\r\n".encode()
    + b" " * 2 * LONGEST_SET
    + b"\r\n0\r\n\r\n",
    "packed": answer(
        200,
        gzip.compress(json.dumps(key_set(published("a"))).encode()),
        {"Content-Encoding": "gzip"},
    ),
}


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("broken", BROKEN.values(), ids=list(BROKEN))
async def test_answer_without_keys_at_the_first_use_is_unavailable(
    server: WebServer, keys: RemoteKeys, broken: bytes
) -> None:
    server.answer = broken
    with pytest.raises(Unavailable):
        await keys("a")


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("broken", BROKEN.values(), ids=list(BROKEN))
async def test_last_good_set_stays_in_use(
    server: WebServer, keys: RemoteKeys, clock: Clock, broken: bytes
) -> None:
    await keys("a")
    server.answer = broken
    await renewed(keys, clock)
    assert await keys("a") is not None
    assert server.requests == 2


async def test_unknown_kid_while_nobody_answers_is_unavailable(
    server: WebServer, keys: RemoteKeys, clock: Clock
) -> None:
    await keys("a")
    server.answer = answer(500)
    clock.now += COOLDOWN
    for _ in range(3):
        with pytest.raises(Unavailable):
            await keys("b")
    assert server.requests == 2


async def test_failed_fetches_are_repeated_ever_more_rarely(
    server: WebServer, keys: RemoteKeys, clock: Clock
) -> None:
    server.answer = answer(500)
    for _ in range(60):
        with pytest.raises(Unavailable):
            await keys("a")
        clock.now += 1
    assert server.requests == 9  # after 0, 1, 3, 7, and then each 10 seconds


async def test_keys_come_back_with_the_server(
    server: WebServer, keys: RemoteKeys, clock: Clock
) -> None:
    sound, server.answer = server.answer, answer(500)
    with pytest.raises(Unavailable):
        await keys("a")
    server.answer = sound
    clock.now += 1
    assert await keys("a") is not None
    assert await keys("b") is None


async def test_nobody_listens() -> None:
    async with web_server() as gone:
        url = gone.url
    with pytest.raises(Unavailable):
        await RemoteKeys(url)("a")


async def test_redirect_is_not_followed(server: WebServer, keys: RemoteKeys) -> None:
    async with web_server() as elsewhere:
        elsewhere.answer = server.answer
        server.answer = answer(302, headers={"Location": elsewhere.url})
        with pytest.raises(Unavailable):
            await keys("a")
        assert elsewhere.requests == 0


async def test_slow_server_is_not_waited_for_where_the_key_is_known(
    server: WebServer, keys: RemoteKeys, clock: Clock
) -> None:
    await keys("a")
    server.may_answer.clear()
    server.asked.clear()
    clock.now += MAX_AGE
    assert await keys("a") is not None
    assert await keys("a") is not None
    await server.asked.wait()
    assert server.requests == 2


async def test_server_that_never_answers_is_unavailable(server: WebServer) -> None:
    server.may_answer.clear()
    with pytest.raises(Unavailable):
        await RemoteKeys(server.url, timeout=0.05)("a")


async def test_caller_who_goes_away_ends_nobody_elses_fetch(
    server: WebServer, keys: RemoteKeys
) -> None:
    server.may_answer.clear()
    first, second = (asyncio.ensure_future(keys("a")) for _ in range(2))
    await server.asked.wait()
    first.cancel()
    server.may_answer.set()
    assert await second is not None
    assert server.requests == 1


async def test_set_in_use_is_not_changed_but_replaced(
    server: WebServer, keys: RemoteKeys, clock: Clock
) -> None:
    await keys("a")
    before = keys._held
    with pytest.raises(TypeError):
        before.keys["b"] = before.keys["a"]  # type: ignore[index]
    server.answer = document(key_set(published("b")))
    await renewed(keys, clock)
    assert (list(before.keys), list(keys._held.keys)) == (["a"], ["b"])


async def test_source_may_be_used_by_one_event_loop_after_another(
    server: WebServer, keys: RemoteKeys, clock: Clock
) -> None:
    """As test clients start one for each request."""

    async def ask() -> bool:
        await renewed(keys, clock)
        return await keys("a") is not None

    assert [await asyncio.to_thread(asyncio.run, ask()) for _ in range(3)] == [True] * 3
    assert server.requests == 3


@pytest.mark.parametrize(
    "url",
    ["", "localhost:8000/jwks", "/jwks", "ftp://host/jwks", "http://", "http://u:p@host/jwks"],
)
def test_url_that_cannot_be_asked(url: str) -> None:
    with pytest.raises(ValueError, match="the URL"):
        RemoteKeys(url)


@cache
def rsa_key(bits: int) -> rsa.RSAPublicKey:
    return rsa.generate_private_key(65537, bits).public_key()


def rsa_jwk(bits: int, **changes: object) -> Jwk:
    made = RSAAlgorithm.to_jwk(rsa_key(bits), as_dict=True)
    return {**made, "kid": "r", "alg": "RS256", **changes}


def ec_jwk(curve: ec.EllipticCurve, alg: str) -> Jwk:
    key = ec.generate_private_key(curve).public_key()
    return {**ECAlgorithm.to_jwk(key, as_dict=True), "kid": "e", "alg": alg}


def names(*jwks: object) -> list[str]:
    return list(read_keys(json.dumps(key_set(*jwks)).encode()))


def test_public_signing_keys_are_taken() -> None:
    assert names(
        published("a"),
        published("b", use="sig", key_ops=["verify"]),
        published("c", alg=...),
        rsa_jwk(2048),
        ec_jwk(ec.SECP256R1(), "ES256"),
    ) == ["a", "b", "c", "r", "e"]


OTHER_KEYS: dict[str, object] = {
    "symmetric": {"kty": "oct", "kid": "s", "alg": "HS256", "k": "c2VjcmV0" * 8},
    "symmetric under another name": {"kty": "oct", "kid": "s", "alg": "EdDSA", "k": "c2VjcmV0"},
    "private": published("p", d="AAAA"),
    "with a secret": published("k", k="AAAA"),
    "short": rsa_jwk(1024),
    "rsa for hmac": rsa_jwk(2048, alg="HS256"),
    "rsa for none": rsa_jwk(2048, alg="none"),
    "rsa as a secret": rsa_jwk(2048, alg=None, kty="oct"),
    "exponent 1": rsa_jwk(2048, e="AQ"),
    "curve of another algorithm": ec_jwk(ec.SECP256R1(), "ES512"),
    "algorithm that Better Auth has not": ec_jwk(ec.SECP256K1(), "ES256K"),
    "that one unnamed": {**ec_jwk(ec.SECP256K1(), "x"), "alg": None},
    "key agreement": published("x", crv="X25519"),
    "encryption": published("u", use="enc"),
    "signing": published("o", key_ops=["sign"]),
    "another type": published("w", kty="EC"),
    "nameless": rsa_jwk(2048, kid=None),
    "numbered": rsa_jwk(2048, kid=7),
    "algorithm in a list": published("a", alg=["EdDSA"]),
    "algorithm in an object": published("a", alg={}),
    "no point": published("a", x="not a point"),
    "number for a point": published("a", x=7),
    "text": "a",
    "null": None,
    "list": [],
    "empty": {},
}


@pytest.mark.parametrize("jwk", OTHER_KEYS.values(), ids=list(OTHER_KEYS))
def test_other_keys_are_ignored(jwk: object) -> None:
    assert names(jwk, published("good")) == ["good"]


def test_first_key_of_a_name_counts() -> None:
    twice = key_set(published("a"), published("a", OTHERS))
    found = read_keys(json.dumps(twice).encode())["a"]
    assert found.key.public_bytes_raw() == PyJWK(published("a")).key.public_bytes_raw()
