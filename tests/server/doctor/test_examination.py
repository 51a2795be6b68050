"""All checks together: what one cannot do does not stop the others."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.models.errors import StoreUnavailable
from app.plugins.jwt.options import JwtOptions
from app.server.doctor import examination
from app.server.doctor.examination import Examination, run_check
from app.server.doctor.finding import Finding, Result
from app.settings.settings import Settings
from app.storage.database import open_database
from tests.server.doctor.findings import only, worst
from tests.support.plugins import enabled
from tests.support.secret import STRONG_SECRET
from tests.support.service import bearer, serve

pytestmark = pytest.mark.anyio


async def examine(**options: object) -> list[Finding]:
    chosen: dict[str, Any] = {"secret": STRONG_SECRET, **options}
    settings = Settings(**chosen)
    return [finding async for finding in Examination(settings, []).run()]


async def test_every_check_says_something(database_url: str, engine: str, redis_url: str) -> None:
    found = await examine(database_url=database_url, redis_url=redis_url)
    told = {each.check for each in found}
    common = {"release", "secret", "address", "cookies", "origins", "proxies", "files", "workers"}
    stores = {
        "open files",
        "database",
        "schema",
        "clock",
        "rows",
        "hashing",
        "redis",
        "mail",
        "webhooks",
        "keys",
    }
    assert told == common | stores | ({"disk", "file system"} if engine == "sqlite" else set())
    assert [each for each in found if each.result == Result.UNCHECKED] == []
    assert all(each.remedy for each in found if each.result in (Result.WRONG, Result.WARNING))


async def test_file_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    found = await examine(database_url=f"sqlite:///{tmp_path / 'auth.db'}")
    assert worst(found) == Result.WRONG
    assert [*tmp_path.iterdir()] == []


async def test_server_that_is_away_is_told_and_the_rest_is_checked() -> None:
    found = await examine(database_url="postgresql://u:hunter2@127.0.0.1:1/x")
    (wrong,) = (each for each in found if each.result == Result.WRONG)
    assert wrong.line.startswith("PostgreSQL")
    assert "hunter2" not in str(found)
    assert found[-1].check == "mail"
    assert {each.check for each in found if each.result == Result.UNCHECKED} == {"database"}


async def test_database_that_is_not_migrated_is_told(empty_sqlite_url: str) -> None:
    Path(empty_sqlite_url.removeprefix("sqlite:///")).touch(0o600)
    found = await examine(database_url=empty_sqlite_url)
    (wrong,) = (each for each in found if each.result == Result.WRONG)
    assert (wrong.check, wrong.line) == ("schema", "the database is not up to date")


@pytest.mark.engines("sqlite")
async def test_key_pair_that_signs_must_open(database_url: str) -> None:
    options = {"database_url": database_url, "plugins": enabled(JwtOptions(alg="EdDSA"))}
    lines = [each.line for each in await examine(**options) if each.check == "keys"]
    assert lines == ["no key pair yet: the first token makes one"]
    database = await open_database(database_url)
    service = await serve(database, plugins=options["plugins"], secret=STRONG_SECRET)
    try:
        session = (await service.sign_up()).json()["token"]
        assert (await service.get("/token", bearer(session))).status == 200
    finally:
        await database.close()
    assert [each.result for each in await examine(**options) if each.check == "keys"] == ["ok"]
    found = [e for e in await examine(**options, secret=STRONG_SECRET[::-1]) if e.check == "keys"]
    assert (only(found).result, "keys rotate" in str(only(found).remedy)) == (Result.WRONG, True)


async def test_check_that_fails_or_hangs_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[Finding]:
        raise ValueError("no\nmore")

    async def hang() -> list[Finding]:
        await asyncio.sleep(60)
        return []

    assert only(await run_check("x", fail)).line == "ValueError: no"
    monkeypatch.setattr(examination, "SECONDS", 0.01)
    assert only(await run_check("x", hang)).line == "no answer in 0 seconds"


async def test_store_that_goes_away_meanwhile_is_not_hidden() -> None:
    def fail() -> list[Finding]:
        raise StoreUnavailable

    with pytest.raises(StoreUnavailable):
        await run_check("x", fail)
