"""The official client with `multiSessionClient`."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import running

pytestmark = pytest.mark.xdist_group("client")


def test_two_users_share_a_browser(tmp_path: Path) -> None:
    with running("sqlite:///auth.db", tmp_path, BETTER_AUTH_PLUGINS="multi-session") as service:
        result = run_flow(service, "multi_session")
    assert result == {
        "both": [["Ada Lovelace", "Eve"], "Eve"],
        "switched": "Ada Lovelace",
        "revoked": [["Eve"], "Eve"],
        "unknown": [401, "INVALID_SESSION_TOKEN"],
        "signedOut": [[], None, "INVALID_SESSION_TOKEN"],
    }
