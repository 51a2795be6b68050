"""Key pairs replaced while processes sign: who signs next, what stays valid, what is removed."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import jwt
import pytest
from sqlalchemy import update

from app.auth.audit.table import audit_events
from app.auth.crypto.key_pairs import KeyPairs
from app.auth.crypto.secret_check import SecretCheck
from app.bridge.asymmetric import AsymmetricVerifier
from app.bridge.errors import InvalidToken
from app.models import clock
from app.models.clock import to_iso
from app.models.telemetry.log_context import begin_command
from app.plugins.jwt.key_makers import make_rotation
from app.plugins.jwt.options import JwksOptions, JwtOptions
from app.server.container import Container
from app.server.plugins import derive_requirements
from app.server.resources import Resources
from app.server.secret_uses import find_secret_uses
from app.settings.settings import Settings
from app.storage.database import Database, open_database
from tests.plugins.jwt.test_signing_keys import add, rows
from tests.support.other_layouts import OtherLayout, opened
from tests.support.plugins import enabled
from tests.support.prepared_files import inspect
from tests.support.service import SECRET, Service, bearer, serve
from tests.support.tables import jwks

pytestmark = pytest.mark.anyio

DAY = 24 * 3600


async def pairs(
    database: Database, options: JwtOptions | None = None, secret: str = SECRET
) -> KeyPairs:
    chosen = options or JwtOptions(alg="EdDSA", jwks=JwksOptions(grace_period=DAY))
    return make_rotation(await build(database, chosen, secret), chosen)


async def build(database: Database, options: JwtOptions, secret: str = SECRET) -> Container:
    settings = Settings(secret=secret, plugins=enabled(options))
    schema = await inspect(database, derive_requirements(settings))
    return Container(settings, Resources(database), schema)


async def verifier_of(database: Database, options: JwtOptions) -> AsymmetricVerifier:
    container = await build(database, options)
    (found,) = (each.authenticator for each in container.built_plugins if each.authenticator)
    assert isinstance(found, AsymmetricVerifier)
    return found


async def serving_twice(url: str, options: JwtOptions) -> AsyncIterator[Service]:
    for _ in range(2):
        yield await serve(await open_database(url), plugins=enabled(options))


async def list_ids(found: KeyPairs, **of: bool) -> list[str]:
    listed = await found.list_pairs(clock.now())
    return [each.id for each in listed if all(getattr(each, k) is v for k, v in of.items())]


async def test_new_pair_signs_at_once_in_every_process_and_old_tokens_stay_valid(
    database: Database, database_url: str
) -> None:
    options = JwtOptions(alg="EdDSA")
    services = [each async for each in serving_twice(database_url, options)]
    try:
        session = (await services[0].sign_up()).json()["token"]
        before = [await token_of(each, session) for each in services]
        rotation = await (await pairs(database, options)).rotate(clock.now(), revoke=False)
        after = [await token_of(each, session) for each in services]
        assert {kid_of(each) for each in after} == {rotation.new.id}
        assert {kid_of(each) for each in before} == {each.id for each in rotation.retired}
        assert rotation.new.signs
        published = {each["kid"] for each in (await services[0].get("/jwks")).json()["keys"]}
        assert published == {kid_of(each) for each in (*before, *after)}
        verifier = await verifier_of(database, options)
        assert [await verifier.verify(each) for each in (*before, *after)]
    finally:
        for each in services:
            await each.database.close()


async def test_revoked_pair_is_gone_from_the_key_set_with_its_tokens(database: Database) -> None:
    options = JwtOptions(alg="EdDSA")
    service = await serve(database, plugins=enabled(options))
    session = (await service.sign_up()).json()["token"]
    old = await token_of(service, session)
    rotation = await (await pairs(database, options)).rotate(clock.now(), revoke=True)
    assert (list(rotation.removed), rotation.retired) == ([kid_of(old)], [])
    new = await token_of(service, session)
    (published,) = (await service.get("/jwks")).json()["keys"]
    assert published["kid"] == kid_of(new) == rotation.new.id
    assert (await service.call("GET", "/get-session", bearer(session))).status == 200
    verifier = await verifier_of(database, options)
    await verifier.verify(new)
    with pytest.raises(InvalidToken, match="not published"):
        await verifier.verify(old)


async def test_new_pair_is_newer_than_one_of_a_machine_whose_clock_is_ahead(
    database: Database,
) -> None:
    await add(database, "ahead", "EdDSA", createdAt=to_iso(clock.now() + timedelta(hours=1)))
    found = await pairs(database)
    rotation = await found.rotate(clock.now(), revoke=False)
    listed = await found.list_pairs(clock.now())
    assert [each.id for each in listed] == [rotation.new.id, "ahead"]
    # A machine whose clock is behind still takes the old one for active.
    behind = await found.list_pairs(clock.now() - timedelta(minutes=1))
    assert [each.signs for each in behind] == [True, False]


async def test_pair_of_another_algorithm_stays_unless_it_signs(database: Database) -> None:
    await add(database, "mine", "EdDSA")
    await add(database, "other", "ES256")
    found = await pairs(database)
    rotation = await found.rotate(clock.now(), revoke=False)
    assert [each.id for each in rotation.retired] == ["mine"]
    changed = await pairs(database, JwtOptions(alg="PS256"))
    assert (await list_ids(changed, signs=True)) == [rotation.new.id]
    second = await changed.rotate(clock.now(), revoke=False)
    assert [each.id for each in second.retired] == [rotation.new.id]
    assert (await list_ids(changed, signs=True)) == [second.new.id]
    assert second.new.alg == "PS256"


async def test_parallel_rotations_leave_one_pair_that_signs(database_url: str) -> None:
    databases = [await open_database(database_url) for _ in range(3)]
    try:
        found = [await pairs(each) for each in databases]
        await asyncio.gather(*(each.rotate(clock.now(), revoke=False) for each in found))
        listed = await found[0].list_pairs(clock.now())
        assert [each.expires_at is None for each in listed] == [True, False, False]
        assert [each.signs for each in listed] == [True, False, False]
    finally:
        for each in databases:
            await each.close()


async def test_interval_of_rotation_ends_the_new_pair_too(database: Database) -> None:
    options = JwtOptions(alg="EdDSA", jwks=JwksOptions(rotation_interval=DAY))
    rotation = await (await pairs(database, options)).rotate(clock.now(), revoke=False)
    assert rotation.new.expires_at is not None
    lived = clock.from_iso(rotation.new.expires_at) - clock.from_iso(rotation.new.created_at)
    assert lived == timedelta(days=1)


async def test_pair_whose_grace_is_over_is_removed_and_no_other(database: Database) -> None:
    now = clock.now()
    await add(database, "over", "EdDSA", expiresAt=to_iso(now - timedelta(seconds=DAY + 1)))
    await add(database, "in grace", "EdDSA", expiresAt=to_iso(now - timedelta(seconds=DAY - 9)))
    await add(database, "signs", "EdDSA")
    found = await pairs(database)
    assert [each.id for each in await found.remove_old(now, dry_run=True)] == ["over"]
    assert set(await list_ids(found)) == {"over", "in grace", "signs"}
    assert [each.id for each in await found.remove_old(now, dry_run=False)] == ["over"]
    assert set(await list_ids(found)) == {"in grace", "signs"}
    assert await found.remove_old(now, dry_run=False) == []


async def test_listed_pair_tells_all_but_its_keys(database: Database) -> None:
    await add(database, "k1", "ES256", expiresAt="2026-01-01T00:00:00.000Z")
    (state,) = await (await pairs(database)).list_pairs(clock.now())
    assert (state.alg, state.crv, state.signs, state.opens) == ("ES256", "P-256", False, True)
    assert state.valid_until == "2026-01-02T00:00:00.000Z"
    told = repr(state)
    for row in await rows(database):
        assert row["privateKey"] not in told
        assert json.loads(row["privateKey"]) not in told


@pytest.mark.parametrize("stored", ['"00"', "not JSON", "{}"])
async def test_private_key_that_no_secret_opens_is_told(database: Database, stored: str) -> None:
    await add(database, "k1", "EdDSA")
    await add(database, "k2", "EdDSA")
    async with database.begin() as tx:
        await tx.execute(update(jwks).where(jwks.c.id == "k2").values(privateKey=stored))
    found = await pairs(database)
    assert await list_ids(found, opens=True) == ["k1"]
    assert await list_ids(await pairs(database, secret=SECRET[::-1]), opens=True) == []


async def test_rotation_mends_what_cannot_be_opened(database: Database) -> None:
    await add(database, "k1", "EdDSA")
    other = SECRET[::-1]
    service = await serve(database, plugins=enabled(JwtOptions(alg="EdDSA")), secret=other)
    session = (await service.sign_up()).json()["token"]
    assert (await service.get("/token", bearer(session))).status == 500
    rotation = await (await pairs(database, secret=other)).rotate(clock.now(), revoke=False)
    assert kid_of(await token_of(service, session)) == rotation.new.id


async def test_no_pair_signs_where_the_shared_secret_does(database: Database) -> None:
    await add(database, "k1", "EdDSA")
    found = await pairs(database, JwtOptions())
    assert found.has_shared_secret
    assert await list_ids(found, signs=True) == []


async def test_tables_of_other_names_and_types_are_rotated_too(
    other: OtherLayout, other_url: str
) -> None:
    options = JwtOptions(alg="EdDSA", jwks=JwksOptions(grace_period=DAY))
    async with opened(other, other_url) as database:
        settings = Settings(secret=SECRET, plugins=enabled(options))
        container = Container(settings, Resources(database), other.state)
        found = make_rotation(container, options)
        before = clock.now() - timedelta(seconds=5)  # a column may have whole seconds alone
        first = await found.rotate(before, revoke=False)
        second = await found.rotate(before, revoke=False)
        (retired,) = second.retired
        assert retired.id == first.new.id
        listed = await found.list_pairs(clock.now())
        assert [each.signs for each in listed] == [True, False]
        # The private key of the first one is no longer needed.
        (secret,) = (await make_check(container).count()).secrets
        assert secret.opens == {"private keys": 1}
        over = clock.now() + timedelta(days=2)
        assert [each.id for each in await found.remove_old(over, dry_run=False)] == [first.new.id]


def make_check(container: Container) -> SecretCheck:
    return SecretCheck(container.settings, container.database, find_secret_uses(container))


async def test_each_change_is_an_event_of_the_audit(database: Database) -> None:
    service = await serve(database, plugins=enabled(JwtOptions(alg="EdDSA")))
    old = kid_of(await token_of(service, (await service.sign_up()).json()["token"]))
    found = await pairs(database)
    begin_command("root")
    rotation = await found.rotate(clock.now(), revoke=False)
    await found.remove_old(clock.now(), dry_run=True)
    await found.remove_old(clock.now() + timedelta(days=2), dry_run=False)
    events = await service.rows(audit_events)
    told = [(e["event"], e["actor"], e["details"]) for e in events if "key" in e["event"]]
    new = {"key": rotation.new.id, "algorithm": "EdDSA"}
    assert told == [
        ("key_rotated", "system", {"key": old, "algorithm": "EdDSA"}),
        ("key_rotated", "operator", {**new, "replaced": [old], "revoked": False}),
        ("keys_pruned", "operator", {"keys": [old]}),
    ]


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def token_of(service: Service, session: str) -> str:
    answer = await service.get("/token", bearer(session))
    assert answer.status == 200, answer.body
    return str(answer.json()["token"])
