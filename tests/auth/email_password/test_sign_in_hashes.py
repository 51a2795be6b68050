"""Sign-in with rows of every scheme, with rows that change meanwhile, and under load."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from itertools import islice

import pytest
from sqlalchemy import insert

from app.auth.errors import HashingOverloaded
from app.auth.passwords import hashing as passwords
from app.auth.passwords.hashes import verify_hash
from app.auth.passwords.hashing import Passwords
from app.auth.passwords.refusal_floor import RefusalFloor
from app.models.errors import Refusal, StoreUnavailable
from app.server import container as parts
from app.storage.database import Database
from tests.auth.email_password.test_sign_in import REFUSAL, with_stored
from tests.auth.passwords.test_hashes import ARGON2ID, BCRYPT, SCRYPT, WEAK
from tests.support.service import EMAIL, Service, browser, serve
from tests.support.tables import accounts, sessions, users

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.engines("sqlite"),
    pytest.mark.usefixtures("full_cost_hashes"),
]


async def stored_hash(service: Service) -> str:
    (account,) = await service.rows(accounts)
    return str(account["password"])


@pytest.mark.parametrize("stored", [SCRYPT, BCRYPT, WEAK, ARGON2ID])
async def test_row_of_every_scheme_signs_in_and_only_an_outdated_one_is_made_anew(
    database: Database, stored: str
) -> None:
    service = await serve(database)
    await with_stored(service, stored)
    (before,) = await service.rows(accounts)
    assert (await service.sign_in(password="password2")).status == 401
    assert await stored_hash(service) == stored
    assert (await service.sign_in(password="password1")).status == 200
    (after,) = await service.rows(accounts)
    if stored == ARGON2ID:
        assert after == before
    else:
        assert after["password"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert after["updatedAt"] > before["updatedAt"]
        unchanged = {k: v for k, v in before.items() if k not in ("password", "updatedAt")}
        assert unchanged.items() <= after.items()
    assert (await service.sign_in(password="password1")).status == 200


async def test_row_gets_the_cost_of_the_settings_at_the_next_sign_in(database: Database) -> None:
    service = await serve(database, argon2_memory_cost=7168, argon2_time_cost=5)
    await with_stored(service, ARGON2ID)
    assert (await service.sign_in(password="password1")).status == 200
    assert (await stored_hash(service)).startswith("$argon2id$v=19$m=7168,t=5,p=1$")
    assert (await service.sign_in(password="password1")).status == 200


async def test_row_stays_as_it_is_when_it_is_of_the_chosen_scheme(database: Database) -> None:
    service = await serve(database, password_hash="scrypt")
    await with_stored(service, SCRYPT)
    assert (await service.sign_in(password="password1")).status == 200
    assert await stored_hash(service) == SCRYPT


async def test_new_hash_is_of_the_chosen_scheme(database: Database) -> None:
    service = await serve(database, password_hash="scrypt")
    await service.sign_up()
    assert (await stored_hash(service)).count(":") == 1
    assert (await service.sign_in()).status == 200


@pytest.mark.engines("sqlite", "postgres")
async def test_new_hash_never_overwrites_a_password_changed_meanwhile(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database)
    await with_stored(service, SCRYPT)
    upgraded = Passwords.upgrade

    async def change_first(pool: Passwords, password: str, stored: str) -> str | None:
        await service.alter(accounts, password=BCRYPT)
        return await upgraded(pool, password, stored)

    monkeypatch.setattr(Passwords, "upgrade", change_first)
    assert (await service.sign_in(password="password1")).status == 200
    assert await stored_hash(service) == BCRYPT


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("changed", [BCRYPT, None])
async def test_password_changed_during_the_check_is_a_failed_sign_in(
    database: Database, monkeypatch: pytest.MonkeyPatch, changed: str | None
) -> None:
    service = await serve(database)
    await with_stored(service, ARGON2ID)
    matches = Passwords.verify

    async def change_after(pool: Passwords, password: str, stored: str | None) -> bool:
        matching = await matches(pool, password, stored)
        await service.alter(accounts, password=changed)
        return matching

    monkeypatch.setattr(Passwords, "verify", change_after)
    answer = await service.sign_in(password="password1")
    assert (answer.status, answer.json()) == (401, REFUSAL)
    assert answer.header_list("set-cookie") == []
    assert await service.rows(sessions) == []


@pytest.mark.engines("sqlite", "postgres")
async def test_user_deleted_during_the_check_is_a_failed_sign_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database)
    await service.sign_up()

    async def delete_after(*arguments: object) -> bool:
        await service.execute('DELETE FROM "user"')
        return True

    monkeypatch.setattr(Passwords, "verify", delete_after)
    assert (await service.sign_in()).json() == REFUSAL


@pytest.mark.parametrize("fault", [HashingOverloaded, StoreUnavailable])
async def test_failed_upgrade_never_fails_the_sign_in(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: type[Refusal],
) -> None:
    service = await serve(database)
    await with_stored(service, SCRYPT)

    async def fail(*arguments: object) -> str:
        raise fault

    monkeypatch.setattr(Passwords, "upgrade", fail)
    with caplog.at_level(logging.WARNING):
        assert (await service.sign_in(password="password1")).status == 200
    assert "password hash not upgraded" in caplog.text
    assert await stored_hash(service) == SCRYPT


# Load


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Checks wait here until it is opened."""
    opened = threading.Event()

    def held(password: str, stored: str) -> bool:
        opened.wait(20)
        return verify_hash(password, stored)

    monkeypatch.setattr(passwords, "verify_hash", held)
    yield opened
    opened.set()


async def test_full_hash_queue_is_503_at_once_while_sessions_are_still_answered(
    database: Database, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "QUEUED_PER_THREAD", 1)
    monkeypatch.setattr(parts, "count_cores", lambda: 1)
    service = await serve(database)
    signed_up = await service.sign_up()
    running = [asyncio.create_task(service.sign_in()) for _ in range(6)]
    refused, *_ = [await each for each in islice(asyncio.as_completed(running), 4)]
    assert refused.status == 503
    assert refused.header("retry-after") == "1"
    assert refused.json()["code"] == "SERVER_BUSY"
    assert (await service.get("/get-session", browser(signed_up))).json()["user"]["name"] == "Ada"
    assert (await service.get("/ok")).json() == {"ok": True}
    gate.set()
    statuses = sorted([(await each).status for each in running])
    assert statuses == [200, 200, 503, 503, 503, 503]


@pytest.mark.engines("sqlite", "postgres")
async def test_no_connection_is_held_while_a_hash_runs(
    database: Database, gate: threading.Event
) -> None:
    service = await serve(database)
    await service.sign_up()
    hashes = 1 + passwords.QUEUED_PER_THREAD  # as many as one core takes
    running = [asyncio.create_task(service.sign_in()) for _ in range(hashes)]
    await asyncio.sleep(0)
    await service.execute("DELETE FROM verification")
    assert not any(task.done() for task in running)
    gate.set()
    assert {(await each).status for each in running} == {200}


async def test_refusals_on_a_mixed_table_ask_for_one_and_the_same_wait(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await serve(database)
    await with_stored(first, SCRYPT)
    await first.sign_up("b@c.co")
    service = await serve(database)  # sees both schemes as it starts
    floors: list[float] = []

    def seconds(floor: RefusalFloor) -> float:
        floors.append(len(floor._costs))
        return 0.0

    monkeypatch.setattr(RefusalFloor, "seconds", property(seconds))
    for email in (EMAIL, "b@c.co", "nobody@c.co"):
        assert (await service.sign_in(email, "wrong horse")).json() == REFUSAL
    assert floors == [2, 2, 2]


async def test_user_row_of_the_original_signs_in(database: Database) -> None:
    service = await serve(database)
    moment = "2026-11-21T02:07:45.767Z"
    user_id = "kePfKhqyU6MM4Hkj3DewnagpuKGEDY7O"
    user = {
        "name": "v",
        "email": "vec@b.co",
        "emailVerified": False,
        "image": None,
        "createdAt": moment,
        "updatedAt": moment,
        "id": user_id,
    }
    account = {
        "id": "RcKRWgFlJ45EaAc2pURksSUNC75UOnVa",
        "accountId": user_id,
        "providerId": "credential",
        "userId": user_id,
        "password": SCRYPT,
        "createdAt": moment,
        "updatedAt": moment,
    }
    async with database.begin() as tx:
        await tx.execute(insert(users), user)
        await tx.execute(insert(accounts), account)
    answer = await service.sign_in("vec@b.co", "password1")
    assert answer.json()["user"] == user
