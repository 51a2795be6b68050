"""What docs/plugins.md says to do for somebody who lost the app and the backup codes."""

import pytest

from app.plugins.admin.options import AdminOptions
from app.plugins.two_factor.plugin import PLUGIN
from tests.plugins.admin.people import sign_up_admin
from tests.support.pages import block
from tests.support.plugins import plugged, plugged_together
from tests.support.service import PASSWORD

from .person import OPTIONS, Person

pytestmark = pytest.mark.anyio

SQL = block("docs/plugins.md", "A lost phone", "sql")
EMAIL = "ada@example.com"


async def test_statements_remove_the_second_factor(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        ada, bob = Person(service, EMAIL), Person(service, "bob@example.com")
        for person in (ada, bob):
            await person.sign_up()
            await person.enable()
        for statement in filter(str.strip, SQL.split(";")):
            await service.execute(statement)
        browser = ada.other_browser()
        assert "twoFactorRedirect" not in (await browser.sign_in()).json()
        await browser.enable()
        assert (await bob.other_browser().sign_in()).json()["twoFactorRedirect"] is True


async def test_administrator_switches_it_off(sqlite_url: str) -> None:
    async with plugged_together(sqlite_url, OPTIONS, AdminOptions()) as service:
        admin, ada = await sign_up_admin(service), Person(service, EMAIL)
        await ada.sign_up()
        await ada.enable()
        user_id = (await ada.get_session())["user"]["id"]
        body = {"userId": user_id, "data": {"twoFactorEnabled": False}}
        assert (await service.post("/admin/update-user", body, admin)).status == 200
        browser = ada.other_browser()
        assert "twoFactorRedirect" not in (await browser.sign_in()).json()
        assert (await browser.post("/two-factor/disable", password=PASSWORD)).status == 200
        await browser.enable()
