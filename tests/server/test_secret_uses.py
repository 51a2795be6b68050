"""What each secret still opens, and what is encrypted again, over the tables of the plugins."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from msgspec import Struct
from sqlalchemy import Table, insert, select, text, update

from app.auth.crypto.encryption import Cipher
from app.auth.crypto.secret_check import SecretCheck, SecretReport
from app.models import clock
from app.models.clock import to_iso
from app.plugins.jwt.options import JwksOptions, JwtOptions
from app.plugins.two_factor.options import BackupCodeOptions, TwoFactorOptions
from app.plugins.two_factor.tables import two_factors
from app.server.container import Container
from app.server.plugins import derive_requirements
from app.server.resources import Resources
from app.server.secret_uses import find_secret_uses
from app.settings.options import SessionOptions, VersionedSecret
from app.settings.settings import Settings
from app.storage.database import Database, open_database
from tests.support.plugins import enabled
from tests.support.prepared_files import inspect, prepare
from tests.support.service import EMAIL, SECRET, serve
from tests.support.tables import accounts, jwks, users
from tests.system.original_schema import make_original

pytestmark = pytest.mark.anyio

OLD, NEW = SECRET, SECRET[::-1]
KEYS, APPS, CODES = "private keys", "secrets of authenticator apps", "lists of backup codes"
TOKENS = "OAuth tokens of a Node server"
PLAIN = Settings(secret=OLD)


def versioned(*versions: int | None, **settings: object) -> Settings:
    """These versions, the first one current; the old secret is version 1, or has none."""
    secrets = tuple(VersionedSecret(each, NEW if each == 2 else OLD) for each in versions)
    return Settings(secret=secrets[0].value, secrets=secrets, **settings)  # type: ignore[arg-type]  # a table of options


@asynccontextmanager
async def checking(
    database: Database, settings: Settings, *options: Struct
) -> AsyncIterator[SecretCheck]:
    on = enabled(*(options or (JwtOptions(alg="EdDSA"), TwoFactorOptions())))
    chosen = Settings(**{**{f: getattr(settings, f) for f in FIELDS}, "plugins": on})
    schema = await inspect(database, derive_requirements(chosen))
    container = Container(chosen, Resources(database), schema)
    yield SecretCheck(chosen, database, find_secret_uses(container))


FIELDS = ("secret", "secrets", "session")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    """A database with the table of the second factor, and a user."""
    chosen = Settings(secret=OLD, plugins=enabled(TwoFactorOptions()))
    await prepare(database_url, derive_requirements(chosen))
    database = await open_database(database_url)
    await (await serve(database)).sign_up()
    yield database
    await database.close()


async def add(database: Database, table: Table, **values: object) -> None:
    async with database.begin() as tx:
        await tx.execute(insert(table).values(values))


async def add_key(database: Database, kid: str, settings: Settings, **values: object) -> None:
    private = json.dumps(Cipher(settings).encrypt(f"the private key {kid}"))
    row = {"id": kid, "publicKey": "{}", "privateKey": private, "alg": "EdDSA"}
    await add(database, jwks, **row, createdAt=to_iso(clock.now()), **values)


async def add_factor(database: Database, name: str, settings: Settings) -> None:
    user = (await database.read_all(select(users.c.id)))[0][0]
    sealed = {
        "secret": Cipher(settings).encrypt(f"the secret {name}"),
        "backupCodes": Cipher(settings).encrypt(f"the codes {name}"),
    }
    await add(database, two_factors, id=name, userId=user, verified=True, **sealed)


async def count(database: Database, settings: Settings, *options: Struct) -> SecretReport:
    async with checking(database, settings, *options) as check:
        return await check.count()


def opened_by(report: SecretReport) -> dict[int | None, dict[str, int]]:
    return {each.version: each.opens for each in report.secrets}


async def test_each_text_counts_for_the_secret_that_opens_it(store: Database) -> None:
    both = versioned(2, 1, None)
    await add_key(store, "unversioned", PLAIN)
    await add_key(store, "old", versioned(1))
    await add_key(store, "new", versioned(2))
    await add_factor(store, "f1", versioned(1))
    await add_factor(store, "f2", versioned(1))
    report = await count(store, both)
    assert opened_by(report) == {
        2: {KEYS: 1},
        1: {KEYS: 1, APPS: 2, CODES: 2},
        None: {KEYS: 1},
    }
    assert report.unopened == []
    assert [each.is_current for each in report.secrets] == [True, False, False]
    assert [each.verifies for each in report.secrets] == [True, True, False]


async def test_one_secret_alone_opens_what_has_no_version(store: Database) -> None:
    await add_key(store, "k1", PLAIN)
    report = await count(store, PLAIN)
    assert opened_by(report) == {None: {KEYS: 1}}
    assert [(each.is_current, each.verifies) for each in report.secrets] == [(True, True)]


async def test_text_that_no_secret_opens_is_told_with_the_remedy(store: Database) -> None:
    await add_key(store, "other secret", Settings(secret=NEW))
    await add_key(store, "other version", versioned(2))
    await add_factor(store, "f1", versioned(2))
    report = await count(store, versioned(1, None))
    told = {each.what: each.count for each in report.unopened}
    assert told == {KEYS: 2, APPS: 1, CODES: 1}
    by_name = {each.what: each.remedy for each in report.unopened}
    assert "keys rotate" in by_name[KEYS]
    assert "BETTER_AUTH_SECRETS" in by_name[APPS]


async def test_private_key_that_has_expired_needs_no_secret(store: Database) -> None:
    await add_key(store, "gone", Settings(secret=NEW), expiresAt=to_iso(clock.now()))
    soon = to_iso(clock.now() + timedelta(minutes=1))
    await add_key(store, "lives", PLAIN, expiresAt=soon)
    report = await count(store, PLAIN)
    assert (opened_by(report), report.unopened) == ({None: {KEYS: 1}}, [])


@pytest.mark.engines("sqlite")
async def test_private_key_whose_expiry_has_another_form_counts_as_needed(store: Database) -> None:
    await add_key(store, "k1", PLAIN)
    async with store.begin() as tx:
        await tx.execute(text("UPDATE jwks SET expiresAt = 1"))
    assert opened_by(await count(store, PLAIN)) == {None: {KEYS: 1}}


async def test_what_is_stored_without_encryption_is_not_counted(store: Database) -> None:
    await add_key(store, "k1", PLAIN)
    await add_factor(store, "f1", PLAIN)
    plain = BackupCodeOptions(store_backup_codes="plain")
    options = (
        JwtOptions(alg="EdDSA", jwks=JwksOptions(disable_private_key_encryption=True)),
        TwoFactorOptions(backup_code_options=plain),
    )
    assert opened_by(await count(store, PLAIN, *options)) == {None: {APPS: 1}}


async def test_what_clients_hold_is_told_with_its_time(store: Database) -> None:
    settings = Settings(secret=OLD, session=SessionOptions(expires_in=1000))
    report = await count(store, settings, JwtOptions(), TwoFactorOptions())
    assert report.signed == {
        "session cookies": 1000,
        "mailed links": 3600,
        "access tokens": 900,
        "cookies of trusted devices": 30 * 24 * 3600,
    }
    assert "access tokens" not in (await count(store, settings)).signed


async def test_secret_that_is_rolled_out_is_told_from_an_old_one(store: Database) -> None:
    report = await count(store, versioned(1, 2))
    assert [(each.version, each.is_newer) for each in report.secrets] == [(1, False), (2, True)]


async def test_all_is_encrypted_again_with_the_current_secret(store: Database) -> None:
    both = versioned(2, 1, None)
    await add_key(store, "unversioned", PLAIN)
    await add_key(store, "old", versioned(1))
    await add_key(store, "lost", Settings(secret=SECRET * 2))
    await add_factor(store, "f1", versioned(1))
    async with checking(store, both) as check:
        assert await check.encrypt_again() == {KEYS: 2, APPS: 1, CODES: 1}
        assert await check.encrypt_again() == {}
        report = await check.count()
    assert opened_by(report) == {2: {KEYS: 2, APPS: 1, CODES: 1}, 1: {}, None: {}}
    assert [each.count for each in report.unopened] == [1]
    (stored,) = await store.read_all(select(jwks.c.privateKey).where(jwks.c.id == "old"))
    assert Cipher(versioned(2)).decrypt(json.loads(stored[0])) == "the private key old"


async def test_more_rows_than_a_page_are_all_read(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.auth.crypto.secret_check._PAGE", 2)
    for number in range(5):
        await add_key(store, f"k{number}", PLAIN)
    assert opened_by(await count(store, PLAIN)) == {None: {KEYS: 5}}


async def test_tokens_of_a_node_server_keep_their_secret(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    await prepare(empty_database_url, derive_requirements(PLAIN))
    database = await open_database(empty_database_url)
    try:
        await (await serve(database)).sign_up(EMAIL)
        sealed = Cipher(versioned(1)).encrypt("the token")
        async with database.begin() as tx:
            await tx.execute(update(accounts).values(accessToken=sealed, refreshToken="ya29.plain"))
        report = await count(database, versioned(2, 1), JwtOptions())
        assert opened_by(report) == {2: {}, 1: {TOKENS: 1}}
        assert report.unopened == []
    finally:
        await database.close()
