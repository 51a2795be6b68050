"""Sign-ins by username are told as such."""

import pytest

from app.plugins.username.options import UsernameOptions
from app.plugins.username.plugin import PLUGIN
from tests.support.audited import read_events
from tests.support.plugins import plugged
from tests.support.service import PASSWORD

pytestmark = pytest.mark.anyio


async def test_sign_ins_by_username_are_told(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, UsernameOptions()) as service:
        await service.sign_up(username="ada")
        for password in ("a wrong password", PASSWORD):
            await service.post("/sign-in/username", {"username": "ada", "password": password})
        _, failed, signed_in = await read_events(service.database)
        assert (failed["event"], failed["reason"]) == (
            "sign_in_failed",
            "INVALID_USERNAME_OR_PASSWORD",
        )
        assert signed_in["event"] == "signed_in"
        assert failed["user_id"] == signed_in["user_id"]
        assert failed["details"] == signed_in["details"] == {"method": "username"}
