"""The official client with `anonymousClient`."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import running

pytestmark = pytest.mark.xdist_group("client")


def test_guest_signs_up(tmp_path: Path) -> None:
    with running("sqlite:///auth.db", tmp_path, BETTER_AUTH_PLUGINS="anonymous") as service:
        result = run_flow(service, "anonymous")
    assert result["guest"]["data"]["user"]["isAnonymous"] is True
    assert result["session"]["data"]["user"] == result["guest"]["data"]["user"]
    assert result["again"]["error"]["status"] == 400
    assert result["signedUp"]["data"]["user"]["isAnonymous"] is False
    assert result["refused"]["error"]["code"] == "USER_IS_NOT_ANONYMOUS"
    assert result["deleted"] == {"data": {"success": True}, "error": None}
    assert result["gone"]["data"] is None
