"""What the official client does with the user's own account: profile, passwords, deletion."""

import pytest

from .flow import Flow, Result
from .service import PAGE

pytestmark = pytest.mark.xdist_group("client")

DONE = {"data": {"status": True}, "error": None}
UNKNOWN = (404, "Not Found", "PROVIDER_NOT_FOUND", "Provider not found")
UNSUPPORTED = (
    *(400, "Bad Request", "PROVIDER_NOT_SUPPORTED"),
    "Provider credential is not supported.",
)
UNCONFIGURED = (
    *(400, "Bad Request", "PROVIDER_NOT_CONFIGURED"),
    "Account is not associated with a configured social provider.",
)
LAST = (
    *(400, "Bad Request", "FAILED_TO_UNLINK_LAST_ACCOUNT"),
    "You can't unlink your last account",
)
# By the flow's names for them: status, statusText, code and message.
OF_ACCOUNTS = {
    "stranger": (401, "Unauthorized", "UNAUTHORIZED", "Unauthorized"),
    "last": LAST,
    "info": UNCONFIGURED,
    "access": UNSUPPORTED,
    "refreshed": UNSUPPORTED,
    "social": UNKNOWN,
    "linked": UNKNOWN,
    "wrong": (400, "Bad Request", "INVALID_PASSWORD", "Invalid password"),
    "link": (404, "Not Found", "INVALID_TOKEN", "Invalid token"),
}


def refusal(result: Result) -> tuple[int, str | None]:
    """The status and the code that the client got."""
    error = result["error"]
    return error["status"], error.get("code")


def test_profile_changes(flow: Flow) -> None:
    result = flow("profile")
    assert result["updated"] == DONE
    user = result["session"]["data"]["user"]
    assert (user["name"], user["image"]) == ("Ada King", "https://example.com/a.png")


def test_refusals_of_profiles_reach_the_client(flow: Flow) -> None:
    result = flow("profile")
    assert refusal(result["address"]) == (400, "EMAIL_CAN_NOT_BE_UPDATED")
    assert refusal(result["wrong"]) == (400, "VALIDATION_ERROR")
    assert refusal(result["stranger"]) == (401, "UNAUTHORIZED")


def test_change_of_nothing_is_refused_without_a_code(flow: Flow) -> None:
    result = flow("profile")
    error = {"message": "No fields to update", "status": 400, "statusText": "Bad Request"}
    assert result["nothing"] == result["ofSession"] == {"data": None, "error": error}


def test_changed_password_ends_the_other_sessions(flow: Flow) -> None:
    result = flow("passwords")
    assert refusal(result["wrong"]) == (400, "INVALID_PASSWORD")
    token = result["changed"]["data"]["token"]
    assert result["here"]["data"]["session"]["token"] == token
    assert result["there"] == {"data": None, "error": None}
    assert refusal(result["old"]) == (401, "INVALID_EMAIL_OR_PASSWORD")


def test_forgotten_password_is_replaced_once(flow: Flow) -> None:
    result = flow("passwords")
    assert result["asked"]["error"] is None
    assert result["done"] == DONE
    assert refusal(result["twice"]) == (400, "INVALID_TOKEN")
    assert refusal(result["replaced"]) == (401, "INVALID_EMAIL_OR_PASSWORD")
    assert result["signedIn"]["error"] is None


def test_mailed_link_leads_to_the_page_of_the_application(flow: Flow) -> None:
    result = flow("passwords")
    assert result["opened"]["page"] == result["reopened"]["page"] == f"{PAGE}/reset"
    assert set(result["opened"]["query"]) == {"from", "token"}
    assert result["reopened"]["query"] == {"from": "mail", "error": "INVALID_TOKEN"}


def test_reset_is_asked_for_an_unknown_address_as_for_a_known_one(flow: Flow) -> None:
    result = flow("passwords")
    assert result["stranger"] == result["asked"]


def test_reset_leads_to_no_foreign_page(flow: Flow) -> None:
    assert refusal(flow("passwords")["foreign"]) == (403, "INVALID_REDIRECT_URL")


def test_account_of_the_password_is_listed(flow: Flow) -> None:
    (account,) = flow("accounts")["listed"]["data"]
    assert (account["providerId"], account["scopes"]) == ("credential", [])


@pytest.mark.parametrize("refused", OF_ACCOUNTS)
def test_refusals_of_accounts_reach_the_client(flow: Flow, refused: str) -> None:
    status, reason, code, message = OF_ACCOUNTS[refused]
    error = {"message": message, "code": code, "status": status, "statusText": reason}
    assert flow("accounts")["refusals"][refused] == {"data": None, "error": error}


def test_deleted_user_is_gone(flow: Flow) -> None:
    result = flow("accounts")
    assert result["deleted"]["data"] == {"success": True, "message": "User deleted"}
    assert result["session"] == {"data": None, "error": None}
    assert refusal(result["refusals"]["again"]) == (401, "INVALID_EMAIL_OR_PASSWORD")
