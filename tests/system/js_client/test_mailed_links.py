"""What the official client does with mailed links, and to have them mailed."""

import pytest

from .flow import Flow
from .service import PAGE

pytestmark = pytest.mark.xdist_group("client")

DONE = {"data": {"status": True}, "error": None}


def test_mailed_link_verifies_the_address(flow: Flow) -> None:
    result = flow("verify_email")
    assert result["sent"] == DONE
    assert result["leadsTo"] == f"{PAGE}/in"
    assert result["verified"] == {"data": {"status": True, "user": None}, "error": None}
    assert result["session"]["data"]["user"]["emailVerified"] is True


def test_refusals_of_verification_reach_the_client(flow: Flow) -> None:
    result = flow("verify_email")
    refused = {name: result[name]["error"] for name in ("other", "broken", "again")}
    assert {name: (error["status"], error["code"]) for name, error in refused.items()} == {
        "other": (400, "EMAIL_MISMATCH"),
        "broken": (401, "INVALID_TOKEN"),
        "again": (400, "EMAIL_ALREADY_VERIFIED"),
    }


def test_mailed_link_changes_the_address(flow: Flow) -> None:
    result = flow("change_email")
    assert result["asked"] == DONE
    assert result["before"]["data"]["user"]["email"] == result["ada"]["email"]
    user = result["changed"]["data"]["user"]
    assert (user["email"], user["emailVerified"]) == (result["newEmail"], False)
    assert result["after"]["data"]["user"] == user
    assert result["onPhone"]["data"] is None  # a link that changes an address signs nobody in
    assert result["signedIn"]["error"] is None


def test_refusals_of_changes_reach_the_client(flow: Flow) -> None:
    result = flow("change_email")
    assert result["same"]["error"]["message"] == "Email is the same"
    assert result["again"]["error"]["code"] == "INVALID_TOKEN"
