"""The task API behind the same service takes this server's own tokens, and no other."""

import hmac
import json
from base64 import urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt import PyJWK

from app.plugins.jwt.jwk import Algorithm
from app.plugins.jwt.options import JwtOptions
from app.settings.options import VersionedSecret
from app.storage.database import Database
from tests.support.asgi import Answer, call
from tests.support.plugins import enabled
from tests.support.service import SECRET, Service, bearer, browser, from_now, serve
from tests.support.tables import jwks

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

NEW = "new-secret-of-these-tests-8fQ1zWc5nB0yT"


async def token_of(service: Service) -> str:
    signed_up = await service.sign_up()
    token: str = (await service.get("/token", browser(signed_up))).json()["token"]
    return token


async def tasks(service: Service, token: str) -> Answer:
    return await call(service.app, "GET", "/api/tasks", bearer(token))


async def test_token_of_the_old_secret_is_good_until_the_secret_is_removed(
    database: Database,
) -> None:
    token = await token_of(await serve(database))
    both = (VersionedSecret(2, NEW), VersionedSecret(1, SECRET))
    assert (await tasks(await serve(database, secret=NEW, secrets=both), token)).status == 200
    assert (await tasks(await serve(database, secret=NEW, secrets=both[:1]), token)).status == 401


async def test_secret_from_before_versions_verifies_no_token(database: Database) -> None:
    token = await token_of(await serve(database))
    secrets = (VersionedSecret(1, NEW), VersionedSecret(None, SECRET))
    assert (await tasks(await serve(database, secret=NEW, secrets=secrets), token)).status == 401


@pytest.mark.parametrize("alg", ["EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256"])
async def test_token_of_a_key_pair_is_good(database: Database, alg: Algorithm) -> None:
    service = await serve(database, plugins=enabled(JwtOptions(alg=alg)))
    assert (await tasks(service, await token_of(service))).status == 200


async def test_token_of_a_shared_secret_is_refused_beside_a_key_pair(database: Database) -> None:
    token = await token_of(await serve(database))
    assert (
        await tasks(await serve(database, plugins=enabled(JwtOptions(alg="EdDSA"))), token)
    ).status == 401


@pytest.mark.engines("sqlite", "postgres")
async def test_token_of_a_key_that_is_no_longer_published_is_refused(database: Database) -> None:
    service = await serve(database, plugins=enabled(JwtOptions(alg="EdDSA")))
    token = await token_of(service)
    await service.alter(jwks, expiresAt=from_now(days=-29))
    assert (await tasks(service, token)).status == 200
    await service.alter(jwks, expiresAt=from_now(days=-31))
    assert (await tasks(service, token)).status == 401


@pytest.mark.parametrize("alg", ["EdDSA", "RS256"])
async def test_public_key_is_no_secret_that_signs(database: Database, alg: Algorithm) -> None:
    """PyJWT CVE-2022-29217, python-jose CVE-2024-33663."""
    service = await serve(database, plugins=enabled(JwtOptions(alg=alg)))
    token = await token_of(service)
    (row,) = await service.rows(jwks)
    public = PyJWK(json.loads(row["publicKey"]), algorithm=alg).key
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, row["publicKey"].encode()):
        forged = forge({"alg": "HS256", "kid": row["id"]}, token, secret)
        answer = await tasks(service, forged)
        assert answer.status == 401
        assert answer.json()["detail"] == "alg 'HS256', expected one with a key pair"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "eddsa"},
        {"alg": "RS256"},
        {"alg": None},
        {"kid": None},
        {"kid": ""},
        {"kid": "nobody's"},
        {"kid": "a\0b"},
        {"kid": "\ud800"},
        {"kid": "' OR 1=1 --"},
        {"kid": ["a"]},
        {"crit": ["exp"], "exp": 1},
        {"typ": "better-auth.session-cache+jwt"},
        {"typ": 1},
        {"jwk": {"kty": "oct", "k": "AA"}, "alg": "HS256"},
    ],
    ids=str,
)
async def test_header_chooses_nothing(database: Database, header: dict[str, object]) -> None:
    service = await serve(database, plugins=enabled(JwtOptions(alg="EdDSA")))
    token = await token_of(service)
    (row,) = await service.rows(jwks)
    forged = forge({"alg": "EdDSA", "kid": row["id"], **header}, token, b"")
    assert (await tasks(service, forged)).status == 401


@pytest.mark.parametrize(
    "changed",
    [JwtOptions(alg="EdDSA", issuer="https://other"), JwtOptions(alg="EdDSA", audience=("other",))],
)
async def test_token_for_somebody_else_is_refused(database: Database, changed: JwtOptions) -> None:
    token = await token_of(await serve(database, plugins=enabled(JwtOptions(alg="EdDSA"))))
    assert (await tasks(await serve(database, plugins=enabled(changed)), token)).status == 401


def forge(header: dict[str, object], token: str, secret: bytes) -> str:
    """The token with another header, signed with an HMAC under `secret`, or still as it was."""
    _, payload, signature = token.split(".")
    signed = f"{_encoded(json.dumps(header).encode())}.{payload}"
    if not secret:
        return f"{signed}.{signature}"
    return f"{signed}.{_encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
