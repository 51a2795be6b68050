"""The official client with `organizationClient`."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import PAGE, running

pytestmark = pytest.mark.xdist_group("client")


def test_invitation_makes_a_member(tmp_path: Path) -> None:
    variables = {
        "BETTER_AUTH_PLUGINS": "organization",
        "BETTER_AUTH_ORGANIZATION_TEAMS_ENABLED": "true",
    }
    with running("sqlite:///auth.db", tmp_path, **variables) as service:
        result = run_flow(service, "organization")
    assert result["link"] == f"{PAGE}/accept-invitation/{result['invitation']['id']}"
    assert result["invitation"]["organizationName"] == "Acme"
    session = result["session"]["session"]
    active = (session["activeOrganizationId"], session["activeTeamId"])
    assert active == (result["acme"], result["team"])
    assert result["refused"] == "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION"
    assert result["allowed"] == {"error": None, "success": True}
    assert (result["members"], result["left"]) == (2, 1)
