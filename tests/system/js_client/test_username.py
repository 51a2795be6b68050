"""The official client with `usernameClient`."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import running

pytestmark = pytest.mark.xdist_group("client")


def test_user_signs_up_and_in_with_a_username(tmp_path: Path) -> None:
    with running("sqlite:///auth.db", tmp_path, BETTER_AUTH_PLUGINS="username") as service:
        result = run_flow(service, "username")
    assert result == {
        "before": {"available": True},
        "signedUp": ["ada_l", "Ada_L"],
        "after": {"available": False},
        "wrong": [401, "INVALID_USERNAME_OR_PASSWORD"],
        "signedIn": "Ada Lovelace",
        "changed": ["countess", "Ada_L"],
    }
