"""Tokens signed with a key pair, over the whole application, read as other services read them."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from joserfc import jwt as joserfc
from joserfc.jwk import KeySet
from sqlalchemy import update

from app.plugins.jwt.jwk import Algorithm
from app.plugins.jwt.options import JwksOptions, JwtOptions
from app.server.plugins import PLUGINS
from app.storage.database import Database
from tests.support.plugins import enabled
from tests.support.service import ORIGIN, SECRET, Service, bearer, browser, from_now, serve
from tests.support.tables import jwks, sessions

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

HOME = "http://localhost:8000"
EDDSA = JwtOptions(alg="EdDSA")
ALL: list[Algorithm] = ["EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256"]
UNREADABLE = {
    "message": "The key that signs access tokens cannot be read",
    "code": "SIGNING_KEY_UNREADABLE",
}


async def token_of(service: Service, token: str) -> str:
    found: str = (await service.get("/token", bearer(token))).json()["token"]
    return found


async def published(service: Service, path: str = "/jwks") -> Any:  # JSON
    return (await service.get(path)).json()["keys"]


def parts(token: str) -> list[str]:
    """Header and claims as they were written."""
    return [urlsafe_b64decode(part + "==").decode() for part in token.split(".")[:2]]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # and what the original says
@pytest.mark.parametrize("alg", ALL)
async def test_token_is_verified_with_the_published_key(database: Database, alg: Algorithm) -> None:
    service = await serve(database, plugins=enabled(JwtOptions(alg=alg)))
    signed_up = (await service.sign_up()).json()
    token = await token_of(service, signed_up["token"])
    (key,) = keys = await published(service)
    assert json.loads(parts(token)[0]) == {"alg": alg, "kid": key["kid"]}
    decoded = joserfc.decode(token, KeySet.import_key_set({"keys": keys}), algorithms=[alg])
    assert signed_up["user"].items() <= decoded.claims.items()
    answer = await service.get("/get-session", bearer(signed_up["token"]))
    header = answer.header("set-auth-jwt")
    assert header is not None
    assert parts(header)[0] == parts(token)[0]


async def test_token_is_written_as_the_original_writes_it(database: Database) -> None:
    service = await serve(database, plugins=enabled(EDDSA))
    user = (signed_up := (await service.sign_up(name="Ada 日本")).json())["user"]
    header, claims = parts(await token_of(service, signed_up["token"]))
    (key,) = await published(service)
    assert header == f'{{"alg":"EdDSA","kid":"{key["kid"]}"}}'
    iat = json.loads(claims)["iat"]
    assert claims == (
        f'{{"iat":{iat},"name":"Ada 日本","email":"ada@example.com","emailVerified":false,'
        f'"image":null,"createdAt":"{user["createdAt"]}","updatedAt":"{user["updatedAt"]}",'
        f'"id":"{user["id"]}","sub":"{user["id"]}","exp":{iat + 900},"iss":"{HOME}",'
        f'"aud":"{HOME}"}}'
    )


async def test_claims_are_the_setting_s(database: Database) -> None:
    options = JwtOptions(
        alg="ES256",
        issuer="https://issuer.example",
        audience=("a", "b"),
        expiration_time=7200,
        claims=("email",),
    )
    service = await serve(database, plugins=enabled(options))
    token = await token_of(service, (await service.sign_up()).json()["token"])
    claims = json.loads(parts(token)[1])
    assert list(claims) == ["iat", "email", "sub", "exp", "iss", "aud"]
    assert claims["exp"] - claims["iat"] == 7200
    assert (claims["iss"], claims["aud"]) == ("https://issuer.example", ["a", "b"])


async def test_key_set_is_made_at_its_first_reading(database: Database) -> None:
    service = await serve(database, plugins=enabled(EDDSA))
    (key,) = await published(service)
    assert list(key) == ["alg", "crv", "x", "kty", "kid"]
    assert await published(service) == [key]
    token = await token_of(service, (await service.sign_up()).json()["token"])
    assert json.loads(parts(token)[0])["kid"] == key["kid"]


async def test_key_set_never_holds_a_private_member(database: Database) -> None:
    for alg in ALL:
        service = await serve(database, plugins=enabled(JwtOptions(alg=alg)))
        await service.alter(jwks, expiresAt=from_now(seconds=-1))
        await service.sign_up(f"{alg}@example.com")
        await service.get("/get-session", browser(await service.sign_in(f"{alg}@example.com")))
    keys = await published(service)
    assert sorted(key["alg"] for key in keys) == sorted(ALL)
    assert not {"d", "p", "q", "dp", "dq", "qi"} & {name for key in keys for name in key}


@pytest.mark.engines("sqlite", "postgres")
async def test_replaced_key_stays_published_for_the_grace_period(database: Database) -> None:
    options = JwtOptions(alg="EdDSA", jwks=JwksOptions(rotation_interval=3600, grace_period=60))
    service = await serve(database, plugins=enabled(options))
    session = (await service.sign_up()).json()["token"]
    old = json.loads(parts(await token_of(service, session))[0])["kid"]
    await service.alter(jwks, expiresAt=from_now(seconds=-1))
    new = json.loads(parts(await token_of(service, session))[0])["kid"]
    assert [key["kid"] for key in await published(service)] == [old, new]
    async with database.begin() as tx:
        past = update(jwks).where(jwks.c.id == old).values(expiresAt=from_now(seconds=-61))
        await tx.execute(past)
    assert [key["kid"] for key in await published(service)] == [new]


async def test_key_set_moves_with_its_path(database: Database) -> None:
    options = JwtOptions(alg="EdDSA", jwks=JwksOptions(jwks_path="/.well-known/jwks.json"))
    service = await serve(database, plugins=enabled(options))
    assert len(await published(service, "/.well-known/jwks.json")) == 1


async def test_key_set_at_a_provider_s_callback_takes_no_other_method(database: Database) -> None:
    options = JwtOptions(alg="EdDSA", jwks=JwksOptions(jwks_path="/callback/google"))
    # `openapi.json` tells of the default path; `[*PLUGINS]` is not held against it.
    service = await serve(database, installed=[*PLUGINS], plugins=enabled(options))
    elsewhere = await serve(database, plugins=enabled(EDDSA))
    assert len(await published(service, "/callback/google")) == 1
    answers = [await each.post("/callback/google", {}) for each in (service, elsewhere)]
    assert {(answer.status, answer.body) for answer in answers} == {(302, b"")}


async def test_key_of_another_secret_is_refused_with_a_code(database: Database) -> None:
    await (await serve(database, plugins=enabled(EDDSA))).get("/jwks")
    service = await serve(database, plugins=enabled(EDDSA), secret=SECRET[::-1])
    signed_up = await service.sign_up()
    for path in ("/token", "/get-session"):
        answer = await service.get(path, browser(signed_up))
        assert (answer.status, answer.json()) == (500, UNREADABLE)
    assert len(await published(service)) == 1


async def test_dead_session_earns_no_token(database: Database) -> None:
    service = await serve(database, plugins=enabled(EDDSA))
    signed_up = await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(seconds=-1))
    answer = await service.get("/get-session", browser(signed_up))
    assert (answer.status, answer.body) == (200, b"null")
    assert answer.header("set-auth-jwt") is None


async def test_header_is_named_for_scripts_and_can_be_left_out(database: Database) -> None:
    service = await serve(database, plugins=enabled(EDDSA))
    token = (await service.sign_up()).json()["token"]
    plain = await service.get("/get-session", bearer(token))
    assert plain.header("access-control-expose-headers") == "set-auth-jwt"
    page = await service.get("/get-session", [*bearer(token), ("origin", ORIGIN)])
    assert "set-auth-jwt" in str(page.header("access-control-expose-headers"))
    silent = await serve(
        database, plugins=enabled(JwtOptions(alg="EdDSA", disable_setting_jwt_header=True))
    )
    answer = await silent.get("/get-session", bearer(token))
    assert answer.header("set-auth-jwt") is None
    assert answer.header("access-control-expose-headers") is None
