"""What webhooks cost: one statement for each event, and none where they are off."""

import pytest

from app.storage.database import Database
from tests.support.service import browser, serve
from tests.support.statements import counting
from tests.support.webhooks import OPTIONS

pytestmark = pytest.mark.anyio


async def test_sign_in_has_one_statement_more(webhook_database: Database) -> None:
    telling, silent = await serve(webhook_database, **OPTIONS), await serve(webhook_database)
    await telling.sign_up()
    with counting() as with_webhooks:
        assert (await telling.sign_in()).status == 200
    with counting() as without:
        assert (await silent.sign_in()).status == 200
    assert [one.split("(")[0] for one in with_webhooks if "better_auth_webhook" in one] == [
        "INSERT INTO better_auth_webhooks "
    ]
    assert len(with_webhooks) == len(without) + 1
    assert not any("better_auth_webhook" in one for one in without)


async def test_who_is_signed_in_is_read_without_them(webhook_database: Database) -> None:
    service = await serve(webhook_database, **OPTIONS)
    ada = browser(await service.sign_up())
    with counting() as seen:
        for path in ("/get-session", "/token", "/list-sessions"):
            assert (await service.get(path, ada)).status == 200
    assert not any("better_auth_webhook" in one for one in seen)


async def test_names_that_are_not_chosen_have_no_hook(webhook_database: Database) -> None:
    service = await serve(webhook_database, **OPTIONS, webhook_events=("user.deleted",))
    with counting() as seen:
        assert (await service.sign_up()).status == 200
    assert not any("better_auth_webhook" in one for one in seen)
