"""The official client with `emailOTPClient`."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import running

pytestmark = pytest.mark.xdist_group("client")

DONE = {"data": {"success": True}, "error": None}


def test_codes_do_what_they_are_for(tmp_path: Path) -> None:
    with running(
        "sqlite:///auth.db",
        tmp_path,
        BETTER_AUTH_PLUGINS="email-otp",
        BETTER_AUTH_EMAIL_OTP_CHANGE_EMAIL_ENABLED="true",
    ) as service:
        result = run_flow(service, "email_otp")
    assert result["wrong"]["error"]["code"] == "INVALID_OTP"
    user = result["signedIn"]["data"]["user"]
    assert (user["name"], user["emailVerified"]) == ("Ada Lovelace", True)
    assert result["session"]["data"]["user"] == user
    for name in ("sent", "checked", "reset", "changed"):
        assert result[name] == DONE
    assert result["withPassword"]["data"]["user"]["id"] == user["id"]
    assert result["verified"]["data"]["user"]["email"].startswith("new-")
