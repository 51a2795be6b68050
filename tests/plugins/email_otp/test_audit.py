"""Codes by mail: sign-ins, and what is asked for."""

import pytest

from app.plugins.email_otp.options import EmailOtpOptions
from app.plugins.email_otp.plugin import PLUGIN
from tests.plugins.email_otp.test_plugin import ASK_RESET, RESET, ask, code_in, sign_in, wrong
from tests.support.audited import read_events
from tests.support.plugins import plugged
from tests.support.service import EMAIL
from tests.support.smtp import Outgoing

pytestmark = pytest.mark.anyio


async def test_codes_are_told(sqlite_url: str) -> None:
    outbox = Outgoing()
    async with plugged(sqlite_url, PLUGIN, EmailOtpOptions(), mailer=outbox) as service:
        user_id = (await sign_in(service, await ask(service, outbox))).json()["user"]["id"]
        code = await ask(service, outbox)
        await sign_in(service, wrong(code))
        await sign_in(service, code)
        await service.post(ASK_RESET, {"email": EMAIL})
        body = {"email": EMAIL, "otp": code_in(outbox), "password": "a new password"}
        assert (await service.post(RESET, body)).status == 200
        told = await read_events(service.database)
        assert [(each["event"], each["reason"]) for each in told] == [
            ("signed_up", None),
            ("sign_in_failed", "INVALID_OTP"),
            ("signed_in", None),
            ("reset_requested", None),
            ("reset_done", None),
        ]
        assert {each["user_id"] for each in told} == {user_id}
        assert told[2]["details"] == {"method": "email-otp"}
