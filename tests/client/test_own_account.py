"""What the official client does with the user's own account: profile, passwords, deletion."""

from pathlib import Path

import pytest

from .flow import Flow, Result

pytestmark = pytest.mark.xdist_group("client")

DONE = {"data": {"status": True}, "error": None}
FLOWS = Path(__file__).parent / "flows"
CORE = (
    "signUp.email signIn.email signIn.social signOut getSession listSessions revokeSession"
    " revokeSessions revokeOtherSessions updateUser updateSession changePassword changeEmail"
    " deleteUser requestPasswordReset resetPassword verifyEmail sendVerificationEmail listAccounts"
    " unlinkAccount accountInfo token jwks"
)


def refusal(result: Result) -> tuple[int, str | None]:
    """The status and the code that the client got."""
    error = result["error"]
    return error["status"], error.get("code")


@pytest.mark.parametrize("method", CORE.split())
def test_every_core_method_is_called_by_a_flow(method: str) -> None:
    called = "".join(flow.read_text() for flow in FLOWS.glob("*.mjs"))
    assert f".{method}(" in called or f"{method.rpartition('.')[2]}:" in called


def test_profile_changes(flow: Flow) -> None:
    result = flow("profile")
    assert result["updated"] == DONE
    user = result["session"]["data"]["user"]
    assert (user["name"], user["image"]) == ("Ada King", "https://example.com/a.png")


def test_refusals_of_profiles_reach_the_client(flow: Flow) -> None:
    result = flow("profile")
    assert result["nothing"]["error"]["message"] == "No fields to update"
    assert refusal(result["address"]) == (400, "EMAIL_CAN_NOT_BE_UPDATED")
    assert refusal(result["wrong"]) == (400, "VALIDATION_ERROR")
    assert result["ofSession"]["error"]["message"] == "No fields to update"
    assert refusal(result["stranger"]) == (401, "UNAUTHORIZED")


def test_changed_password_ends_the_other_sessions(flow: Flow) -> None:
    result = flow("passwords")
    assert refusal(result["wrong"]) == (400, "INVALID_PASSWORD")
    token = result["changed"]["data"]["token"]
    assert result["here"]["data"]["session"]["token"] == token
    assert result["there"] == {"data": None, "error": None}
    assert refusal(result["old"]) == (401, "INVALID_EMAIL_OR_PASSWORD")


def test_forgotten_password_is_replaced_once(flow: Flow) -> None:
    result = flow("passwords")
    assert result["asked"]["data"] == result["stranger"]["data"]
    assert result["leadsTo"] == "/reset"
    assert result["done"] == DONE
    assert refusal(result["twice"]) == (400, "INVALID_TOKEN")
    assert result["signedIn"]["error"] is None


def test_accounts_are_listed_and_the_last_one_stays(flow: Flow) -> None:
    result = flow("accounts")
    (account,) = result["listed"]["data"]
    assert (account["providerId"], account["scopes"]) == ("credential", [])
    assert refusal(result["last"]) == (400, "FAILED_TO_UNLINK_LAST_ACCOUNT")
    assert refusal(result["info"]) == (400, "PROVIDER_NOT_CONFIGURED")
    assert refusal(result["social"]) == (404, "PROVIDER_NOT_FOUND")


def test_deleted_user_is_gone(flow: Flow) -> None:
    result = flow("accounts")
    assert refusal(result["wrong"]) == (400, "INVALID_PASSWORD")
    assert result["deleted"]["data"] == {"success": True, "message": "User deleted"}
    assert result["session"] == {"data": None, "error": None}
    assert refusal(result["again"]) == (401, "INVALID_EMAIL_OR_PASSWORD")
