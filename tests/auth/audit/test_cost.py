"""What the audit costs: one statement for what it tells, none for what it does not, none if off."""

import pytest

from app.storage.database import Database
from tests.support.service import browser, serve
from tests.support.statements import counting

pytestmark = pytest.mark.anyio


async def test_sign_in_has_one_statement_more(database: Database) -> None:
    told, silent = await serve(database), await serve(database, audit=False)
    await told.sign_up()
    with counting() as with_audit:
        assert (await told.sign_in()).status == 200
    with counting() as without:
        assert (await silent.sign_in()).status == 200
    audited = [one for one in with_audit if "better_auth_audit" in one]
    assert len(audited) == 1
    assert audited[0].startswith("INSERT")
    assert len(with_audit) == len(without) + 1
    assert not any("better_auth_audit" in one for one in without)


async def test_who_is_signed_in_is_read_without_it(database: Database) -> None:
    service = await serve(database)
    ada = browser(await service.sign_up())
    with counting() as seen:
        for path in ("/get-session", "/token", "/list-sessions"):
            assert (await service.get(path, ada)).status == 200
    assert not any("better_auth_audit" in one for one in seen)


async def test_change_of_nothing_is_not_told(database: Database) -> None:
    service = await serve(database)
    ada = browser(await service.sign_up())
    with counting() as seen:
        await service.post("/sign-out")
        await service.post("/revoke-other-sessions", {}, ada)
        await service.post("/revoke-session", {"token": "unknown"}, ada)
    assert not any("better_auth_audit" in one for one in seen)
