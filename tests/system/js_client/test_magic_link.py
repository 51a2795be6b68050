"""The official client with `magicLinkClient`."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import PAGE, running

pytestmark = pytest.mark.xdist_group("client")


def test_mailed_link_signs_in(tmp_path: Path) -> None:
    with running("sqlite:///auth.db", tmp_path, BETTER_AUTH_PLUGINS="magic-link") as service:
        result = run_flow(service, "magic_link")
    assert result["sent"] == {"data": {"status": True}, "error": None}
    user = result["verified"]["data"]["user"]
    assert (user["name"], user["emailVerified"]) == ("Ada Lovelace", True)
    assert result["session"]["data"]["user"] == user
    assert result["again"] == f"{PAGE}/in?error=INVALID_TOKEN"
