"""The official client with `twoFactorClient`."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import running

pytestmark = pytest.mark.xdist_group("client")


def test_each_kind_of_code_completes_a_sign_in(tmp_path: Path) -> None:
    settings = {
        "BETTER_AUTH_PLUGINS": "two-factor",
        "BETTER_AUTH_TWO_FACTOR_TOTP_OPTIONS_PERIOD": "86400",
    }
    with running("sqlite:///auth.db", tmp_path, **settings) as service:
        result = run_flow(service, "two_factor")
    assert result["asked"] == [["totp", "otp"]] * 3
    assert result["shown"]["error"] is None
    assert result["before"]["data"] is None
    assert result["wrong"]["error"]["code"] == "INVALID_CODE"
    user = result["session"]["data"]["user"]
    assert user["twoFactorEnabled"] is True
    for name in ("right", "trusted", "mailed", "backup"):
        assert result[name]["data"]["user"]["id"] == user["id"], name
    assert result["sent"]["data"] == result["disabled"]["data"] == {"status": True}
    assert result["plain"]["data"]["user"]["twoFactorEnabled"] is False
    assert result["isSame"] is True
