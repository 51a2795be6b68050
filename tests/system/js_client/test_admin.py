"""The official client with `adminClient`."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import running

pytestmark = pytest.mark.xdist_group("client")


def test_administrator_creates_bans_and_impersonates_a_user(tmp_path: Path) -> None:
    options = {"BETTER_AUTH_PLUGINS": "admin", "BETTER_AUTH_ADMIN_DEFAULT_ROLE": "admin"}
    with running("sqlite:///auth.db", tmp_path, **options) as service:
        result = run_flow(service, "admin")
    assert result == {
        "refused": [403, "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS"],
        "made": "user",
        "listed": [["bob@example.com"], 2],
        "impersonated": ["Bob", "Bob", "Ada Lovelace"],
        "ended": None,
        "banned": [403, "BANNED_USER"],
        "may": {"error": None, "success": True},
        "removed": {"success": True},
    }
