"""The key set; the rows were written by the original."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import insert

from app.models.clock import to_iso
from app.plugins.jwt.options import JwksOptions, JwtOptions
from app.plugins.jwt.public_keys import PublicKeys
from app.storage.database import Database
from tests.support.tables import TABLES, jwks

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 21, tzinfo=UTC)
GRACE_PERIOD = timedelta(days=30)
ED25519 = '{"crv":"Ed25519","x":"XD8_B2kP5n-SKnDkqSaBH1BdHiGgDUdKSC6oZaqJs6E","kty":"OKP"}'
RSA = '{"n":"AQAB","e":"AQAB","kty":"RSA"}'
DEFAULTS = JwtOptions()


async def add(database: Database, **values: object) -> None:
    row = {"id": "k1", "publicKey": ED25519, "privateKey": '"secret"', "createdAt": to_iso(NOW)}
    async with database.begin() as tx:
        await tx.execute(insert(jwks), {**row, **values})


async def published(database: Database, options: JwtOptions = DEFAULTS) -> bytes:
    keys = PublicKeys(options, database, TABLES, None)
    return msgspec.json.encode(await keys.list_published(NOW))


async def test_fresh_database_publishes_an_empty_set(database: Database) -> None:
    assert await published(database) == b'{"keys":[]}'


async def test_row_of_the_original_is_published_in_its_order(database: Database) -> None:
    kid = "6tkuCUFJ8aODpTrsuQAHWcUmJzmaXwoM"
    await add(database, id=kid, alg="EdDSA", crv="Ed25519")
    assert await published(database) == (
        b'{"keys":[{"alg":"EdDSA","crv":"Ed25519","x":"XD8_B2kP5n-SKnDkqSaBH1BdHiGgDUdKSC6oZaqJs6E",'
        b'"kty":"OKP","kid":"6tkuCUFJ8aODpTrsuQAHWcUmJzmaXwoM"}]}'
    )


async def test_row_of_an_older_version_names_no_algorithm_and_means_eddsa(
    database: Database,
) -> None:
    await add(database)
    (key,) = msgspec.json.decode(await published(database))["keys"]
    assert list(key) == ["alg", "crv", "x", "kty", "kid"]
    assert key["alg"] == "EdDSA"


async def test_key_without_a_curve_has_no_curve(database: Database) -> None:
    await add(database, publicKey=RSA, alg="RS256")
    (key,) = msgspec.json.decode(await published(database))["keys"]
    assert list(key) == ["alg", "n", "e", "kty", "kid"]


async def test_private_key_is_not_published(database: Database) -> None:
    await add(database)
    assert b"secret" not in await published(database)


@pytest.mark.parametrize(
    ("since_expiry", "there"),
    [
        (timedelta(days=-1), True),
        (timedelta(days=1), True),
        (GRACE_PERIOD - timedelta(milliseconds=1), True),
        (GRACE_PERIOD, False),
        (GRACE_PERIOD + timedelta(days=1), False),
    ],
)
async def test_expired_key_is_published_for_the_grace_period(
    database: Database, since_expiry: timedelta, there: bool
) -> None:
    await add(database, expiresAt=to_iso(NOW - since_expiry))
    assert (b"kid" in await published(database)) is there


async def test_grace_period_is_the_setting_s(database: Database) -> None:
    await add(database, expiresAt=to_iso(NOW - timedelta(seconds=60)))
    assert b"kid" in await published(database, JwtOptions(jwks=JwksOptions(grace_period=61)))
    assert b"kid" not in await published(database, JwtOptions(jwks=JwksOptions(grace_period=60)))


async def test_row_without_an_algorithm_is_for_the_configured_one(database: Database) -> None:
    await add(database)
    assert b'{"alg":"ES256"' in await published(database, JwtOptions(alg="ES256"))


async def test_all_keys_are_published(database: Database) -> None:
    await add(database)
    await add(database, id="k2", alg="RS256", publicKey=RSA)
    keys = msgspec.json.decode(await published(database))["keys"]
    assert {key["kid"] for key in keys} == {"k1", "k2"}
