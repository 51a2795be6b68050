"""The second factor: who enabled it, who passed it, who did not."""

import pytest

from app.plugins.two_factor.options import OtpOptions, TwoFactorOptions
from app.plugins.two_factor.plugin import PLUGIN
from tests.plugins.two_factor.person import LONG, Person, guarded
from tests.support.audited import list_names, read_events
from tests.support.plugins import plugged
from tests.support.service import PASSWORD
from tests.support.smtp import Outgoing

pytestmark = pytest.mark.anyio


async def test_second_factor_is_told(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        database = ada.service.database
        assert await list_names(database) == ["signed_up", "two_factor_enabled", "signed_out"]
        await ada.sign_in()
        assert (await ada.post("/two-factor/verify-totp", code="000000")).status == 401
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200
        wrong = await ada.post("/two-factor/verify-backup-code", code="wrong")
        assert wrong.status == 401
        await ada.post("/two-factor/generate-backup-codes", password=PASSWORD)
        await ada.post("/two-factor/disable", password=PASSWORD)
        told = (await read_events(database))[3:]
        assert [(each["event"], each["reason"]) for each in told] == [
            ("sign_in_failed", "INVALID_CODE"),
            ("signed_in", None),
            ("backup_codes_made", None),
            ("two_factor_disabled", None),
        ]
        assert told[0]["user_id"] == told[1]["user_id"]
        assert told[0]["details"] == told[1]["details"] == {"method": "two-factor"}


async def test_app_next_to_mailed_codes_is_told(sqlite_url: str) -> None:
    options = TwoFactorOptions(totp_options=LONG, otp_options=OtpOptions(send_otp=True))
    async with plugged(sqlite_url, PLUGIN, options, mailer=Outgoing()) as service:
        ada = Person(service)
        await ada.sign_up()
        await ada.post("/two-factor/enable", password=PASSWORD, method="otp")
        await ada.enable()
        assert await list_names(service.database) == [
            "signed_up",
            "two_factor_enabled",
            "backup_codes_made",
            "two_factor_enabled",
        ]
