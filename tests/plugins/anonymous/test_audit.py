"""Anonymous users: how they come and go is told."""

import pytest

from app.plugins.anonymous.options import AnonymousOptions
from app.plugins.anonymous.plugin import PLUGIN
from tests.support.audited import read_events
from tests.support.plugins import plugged
from tests.support.service import browser

pytestmark = pytest.mark.anyio


async def test_anonymous_user_who_signs_up_is_told(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, AnonymousOptions()) as service:
        anonymous = await service.post("/sign-in/anonymous")
        body = {"name": "Ada", "email": "ada@example.com", "password": "a password"}
        await service.post("/sign-up/email", body, browser(anonymous))
        first, second, third = await read_events(service.database)
        assert (first["event"], first["details"]) == ("signed_up", {"method": "anonymous"})
        assert (second["event"], second["details"]) == ("signed_up", {"method": "password"})
        assert (third["event"], third["user_id"]) == ("user_deleted", first["user_id"])
