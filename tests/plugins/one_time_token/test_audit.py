"""Who takes over a session with a one-time token is told."""

import pytest

from app.plugins.one_time_token.plugin import PLUGIN
from app.plugins.one_time_token.tokens import OneTimeTokenOptions
from tests.support.audited import read_events
from tests.support.plugins import plugged
from tests.support.service import browser

pytestmark = pytest.mark.anyio


async def test_one_time_tokens_are_told(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OneTimeTokenOptions()) as service:
        ada = browser(await service.sign_up())
        token = (await service.get("/one-time-token/generate", ada)).json()["token"]
        for _ in range(2):
            await service.post("/one-time-token/verify", {"token": token}, peer="203.0.113.9")
        signed_up, taken, failed = await read_events(service.database)
        assert (taken["event"], taken["session_id"]) == ("signed_in", signed_up["session_id"])
        assert taken["ip_address"] == "203.0.113.9"
        assert (failed["event"], failed["reason"]) == ("sign_in_failed", "BAD_REQUEST")
        assert token not in str([signed_up, taken, failed])
