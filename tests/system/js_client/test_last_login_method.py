"""The official client with `lastLoginMethodClient`."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import running

pytestmark = pytest.mark.xdist_group("client")


def test_page_reads_how_somebody_signed_in_last(tmp_path: Path) -> None:
    with running("sqlite:///auth.db", tmp_path, BETTER_AUTH_PLUGINS="last-login-method") as service:
        result = run_flow(service, "last_login_method")
    assert result == {
        "before": None,
        "after": "email",
        "isEmail": True,
        "readable": "better-auth.last_used_login_method=email",
    }
