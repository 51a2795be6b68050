"""The official client with `oneTimeTokenClient`."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import running

pytestmark = pytest.mark.xdist_group("client")


def test_session_moves_to_another_browser_once(tmp_path: Path) -> None:
    with running("sqlite:///auth.db", tmp_path, BETTER_AUTH_PLUGINS="one-time-token") as service:
        result = run_flow(service, "one_time_token")
    assert result == {
        "user": "Ada Lovelace",
        "isOneSession": True,
        "again": [400, "Invalid token"],
    }
