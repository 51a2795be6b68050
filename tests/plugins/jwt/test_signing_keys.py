"""The signing key: which one, made when, by whom, and how it lies in the table."""

import asyncio
import json
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from app.auth.audit.audit import NoAudit
from app.auth.crypto.encryption import Cipher
from app.auth.errors import SigningKeyUnreadable
from app.models import clock
from app.models.clock import to_iso
from app.plugins.jwt import signing_keys as module
from app.plugins.jwt.jwk import Algorithm, generate
from app.plugins.jwt.options import JwksOptions, KeyPairConfig
from app.plugins.jwt.signing_keys import SigningKeys
from app.plugins.jwt.stored_keys import StoredKeys
from app.settings.settings import Settings
from app.storage.database import Database, open_database
from tests.support.service import SECRET
from tests.support.tables import TABLES, jwks

pytestmark = pytest.mark.anyio


def signing(
    database: Database, alg: Algorithm = "EdDSA", secret: str = SECRET, **options: object
) -> SigningKeys:
    chosen = JwksOptions(**options)  # type: ignore[arg-type]  # a table of options
    stored = StoredKeys(Settings(secret=secret), chosen, database, TABLES, alg)
    return SigningKeys(stored, NoAudit())


async def kid(keys: SigningKeys, now: datetime | None = None) -> str:
    return (await keys.get_current(now or clock.now())).kid


async def rows(database: Database) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in await database.read_all(select(jwks))]


async def add(database: Database, kid: str, kind: Algorithm, **values: object) -> None:
    pair = generate(kind, 2048)
    private = json.dumps(Cipher(Settings(secret=SECRET)).encrypt(pair.private))
    row = {"id": kid, "publicKey": pair.public, "privateKey": private, "alg": kind, "crv": pair.crv}
    async with database.begin() as tx:
        await tx.execute(insert(jwks), {**row, "createdAt": to_iso(clock.now()), **values})


def ago(**delta: float) -> str:
    return to_iso(clock.now() - timedelta(**delta))


async def test_first_use_makes_a_key_and_the_next_ones_use_it(database: Database) -> None:
    keys = signing(database)
    first = await kid(keys)
    (row,) = await rows(database)
    assert (row["id"], row["alg"], row["crv"], row["expiresAt"]) == (
        first,
        "EdDSA",
        "Ed25519",
        None,
    )
    assert await kid(keys) == await kid(signing(database)) == first


async def test_private_key_lies_encrypted_in_quotes_as_the_original_s(database: Database) -> None:
    await kid(signing(database))
    (row,) = await rows(database)
    stored = json.loads(row["privateKey"])
    assert row["privateKey"] == f'"{stored}"'
    private = json.loads(Cipher(Settings(secret=SECRET)).decrypt(stored))
    assert json.loads(row["publicKey"]).items() <= private.items()


async def test_private_key_lies_plain_where_that_is_wanted(database: Database) -> None:
    await kid(signing(database, disable_private_key_encryption=True))
    (row,) = await rows(database)
    assert list(json.loads(row["privateKey"])) == ["crv", "d", "x", "kty"]
    assert await kid(signing(database, disable_private_key_encryption=True)) == row["id"]


async def test_parallel_first_uses_of_several_services_make_one_key(database_url: str) -> None:
    databases = [await open_database(database_url) for _ in range(3)]
    try:
        services = [signing(database) for database in databases]
        made = await asyncio.gather(*(kid(services[n % 3]) for n in range(30)))
        assert len(set(made)) == 1
        assert len(await rows(databases[0])) == 1
    finally:
        for database in databases:
            await database.close()


async def test_newest_live_key_of_the_algorithm_signs(database: Database) -> None:
    await add(database, "old", "EdDSA", createdAt=ago(days=2))
    await add(database, "new", "EdDSA", createdAt=ago(days=1))
    await add(database, "expired", "EdDSA", createdAt=ago(hours=1), expiresAt=ago(seconds=1))
    await add(database, "other", "ES256")
    assert await kid(signing(database)) == "new"
    assert await kid(signing(database, "ES256")) == "other"


async def test_another_algorithm_does_not_make_another_key_while_one_lives(
    database: Database,
) -> None:
    await add(database, "ed", "EdDSA", expiresAt=to_iso(clock.now() + timedelta(hours=1)))
    current = await signing(database, "ES256").get_current(clock.now())
    assert (current.kid, current.alg) == ("ed", "EdDSA")
    later = await signing(database, "ES256").get_current(clock.now() + timedelta(hours=2))
    assert later.alg == "ES256"


async def test_row_without_an_algorithm_is_for_the_configured_one(database: Database) -> None:
    await add(database, "legacy", "ES384", alg=None)
    current = await signing(database, "ES384").get_current(clock.now())
    assert (current.kid, current.alg) == ("legacy", "ES384")


async def test_rotation_makes_a_key_when_the_last_one_has_expired(database: Database) -> None:
    keys, now = signing(database, rotation_interval=3600), clock.now()
    first = await kid(keys, now)
    assert await kid(keys, now + timedelta(minutes=59)) == first
    second = await kid(keys, now + timedelta(minutes=61))
    assert second != first
    by_id = {row["id"]: row for row in await rows(database)}
    assert set(by_id) == {first, second}
    lived = clock.from_iso(by_id[first]["expiresAt"]) - clock.from_iso(by_id[first]["createdAt"])
    assert lived == timedelta(hours=1)


async def test_key_that_was_removed_or_expired_by_hand_signs_nothing_more(
    database: Database,
) -> None:
    keys = signing(database)
    first = await kid(keys)
    async with database.begin() as tx:
        await tx.execute(delete(jwks))
    second = await kid(keys)
    async with database.begin() as tx:
        await tx.execute(update(jwks).values(expiresAt=ago(seconds=1)))
    third = await kid(keys)
    assert len({first, second, third}) == 3


async def test_key_that_was_encrypted_anew_by_hand_is_read_anew(database: Database) -> None:
    keys = signing(database)
    await kid(keys)
    async with database.begin() as tx:
        await tx.execute(update(jwks).values(privateKey='"00"'))
    with pytest.raises(SigningKeyUnreadable):
        await kid(keys)


async def test_newer_key_of_another_process_takes_over_within_seconds(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = signing(database)
    await kid(keys)
    await add(database, "newer", "EdDSA", createdAt=to_iso(clock.now() + timedelta(seconds=1)))
    monkeypatch.setattr(module, "RELIST_SECONDS", 0.0)
    assert await kid(keys) == "newer"


async def test_key_is_not_read_again_while_it_stays_the_newest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = signing(database)
    first = await keys.get_current(clock.now())
    monkeypatch.setattr(module, "RELIST_SECONDS", 0.0)
    assert await keys.get_current(clock.now()) is first


async def test_bits_of_an_rsa_key_are_the_setting_s(database: Database) -> None:
    await kid(signing(database, "PS256", key_pair_config=KeyPairConfig(modulus_length=3072)))
    (row,) = await rows(database)
    assert len(json.loads(row["publicKey"])["n"]) == 512
    assert (row["alg"], row["crv"]) == ("PS256", None)


@pytest.mark.parametrize(
    ("secret", "plain"),
    [(SECRET[::-1], False), (SECRET, True)],
    ids=["another secret", "not encrypted, says the setting"],
)
async def test_key_that_cannot_be_read_is_refused_and_the_log_says_the_mend(
    database: Database, secret: str, plain: bool, caplog: pytest.LogCaptureFixture
) -> None:
    made = await kid(signing(database))
    keys = signing(database, secret=secret, disable_private_key_encryption=plain)
    for _ in range(2):
        with pytest.raises(SigningKeyUnreadable):
            await kid(keys)
    (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert made in record.getMessage()
    assert "BETTER_AUTH_SECRETS" in record.getMessage()
    assert len(await rows(database)) == 1


async def test_plain_key_is_refused_where_keys_are_encrypted(database: Database) -> None:
    await kid(signing(database, disable_private_key_encryption=True))
    with pytest.raises(SigningKeyUnreadable):
        await kid(signing(database))
