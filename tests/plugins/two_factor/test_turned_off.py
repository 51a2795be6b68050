"""Users with a second factor, after the plugin went off."""

import pytest

from app.plugins.two_factor.plugin import PLUGIN
from tests.support.plugins import plugged
from tests.support.service import serving

from .person import OPTIONS, Person

pytestmark = pytest.mark.anyio


async def test_sessions_go_on_without_tokens_and_sign_ins(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OPTIONS) as service:
        ada = Person(service)
        await ada.sign_up()
        await ada.enable()
    async with serving(sqlite_url) as service:
        ada = ada.at(service)
        assert "twoFactorEnabled" not in (await ada.get_session())["user"]
        cookies = "; ".join(f"{name}={value}" for name, value in ada.cookies.items())
        token = await service.get("/token", [("cookie", cookies)])
        signed_in = await ada.other_browser().sign_in()
        for refused in (token, signed_in):
            assert (refused.status, refused.json()["code"]) == (403, "TWO_FACTOR_REQUIRED")
        assert (await service.post("/two-factor/disable", {})).status == 404
