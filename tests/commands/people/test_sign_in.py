"""People who were imported sign in at the service, with hashes of every kind."""

from pathlib import Path

import pytest

from app.auth.passwords.hashes import Kind, get_kind
from app.schema.migrate import migrate
from app.storage.database import Database
from tests.commands.people.file import HASHES, import_from, jsonl, person
from tests.support.service import Service, serve, serving
from tests.support.tables import accounts
from tests.system.original_schema import make_original

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.engines("sqlite"),
    pytest.mark.usefixtures("full_cost_hashes"),
]


async def hash_of(service: Service) -> str:
    (account,) = await service.rows(accounts)
    return str(account["password"])


@pytest.mark.parametrize("kind", HASHES)
@pytest.mark.parametrize("preferred", [None, "scrypt"])
async def test_imported_person_signs_in_and_is_hashed_anew_as_the_settings_say(
    database: Database, tmp_path: Path, kind: str, preferred: str | None
) -> None:
    given = person("Ada@example.com", passwordHash=HASHES[kind])
    await import_from(database, jsonl(given), tmp_path)
    service = await serve(database, password_hash=preferred)
    assert (await service.sign_in(password="password2")).status == 401
    assert await hash_of(service) == HASHES[kind]
    assert (await service.sign_in(password="password1")).status == 200
    wanted = Kind.ARGON2ID if preferred is None else Kind.SCRYPT
    assert get_kind(await hash_of(service)) is wanted
    assert (await service.sign_in(password="password1")).status == 200


@pytest.mark.parametrize("kind", HASHES)
@pytest.mark.parametrize("preferred", [None, "scrypt"])
async def test_on_an_adopted_database_a_hash_stays_unless_the_settings_say_what_to_have(
    empty_database_url: str, tmp_path: Path, kind: str, preferred: str | None
) -> None:
    await make_original(empty_database_url, rows=False)
    await migrate(empty_database_url)
    async with serving(empty_database_url, password_hash=preferred) as service:
        given = person(passwordHash=HASHES[kind])
        await import_from(service.database, jsonl(given), tmp_path)
        assert (await service.sign_in(password="password1")).status == 200
        stored = await hash_of(service)
        assert (stored == HASHES[kind]) is (preferred is None or kind == "scrypt")
        assert preferred is None or get_kind(stored) is Kind.SCRYPT


@pytest.mark.parametrize("prefix", ["bcrypt$", "argon2"])
async def test_person_from_django_signs_in(database: Database, tmp_path: Path, prefix: str) -> None:
    hashed = HASHES["bcrypt"] if prefix == "bcrypt$" else HASHES["argon2"]
    await import_from(database, jsonl(person(passwordHash=prefix + hashed)), tmp_path)
    service = await serve(database)
    assert (await service.sign_in(password="password1")).status == 200


@pytest.mark.engines("sqlite", "postgres")
async def test_person_is_imported_while_the_service_runs(
    database: Database, tmp_path: Path
) -> None:
    service = await serve(database)
    await service.sign_up("first@example.com")
    await import_from(database, jsonl(person(passwordHash=HASHES["bcrypt"])), tmp_path)
    assert (await service.sign_in(password="password1")).status == 200


async def test_person_without_a_password_can_not_sign_in(
    database: Database, tmp_path: Path
) -> None:
    await import_from(database, jsonl(person()), tmp_path)
    service = await serve(database)
    assert (await service.sign_in(password="password1")).status == 401
