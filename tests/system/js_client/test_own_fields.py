"""The official client where users and sessions have fields of their own, and deletion is mailed."""

from pathlib import Path

import pytest

from .flow import Result, run_flow
from .service import PAGE, running

pytestmark = pytest.mark.xdist_group("client")

DONE = {"data": {"status": True}, "error": None}
OPTIONS = {
    "BETTER_AUTH_USER_ADDITIONAL_FIELDS": """{
        "lang": {"type": "string", "required": false},
        "role": {"type": "string", "required": false, "defaultValue": "user", "input": false}}""",
    "BETTER_AUTH_SESSION_ADDITIONAL_FIELDS": '{"theme": {"type": "string", "required": false}}',
    "BETTER_AUTH_USER_DELETE_USER_SEND_DELETE_ACCOUNT_VERIFICATION": "true",
}


@pytest.fixture
def result(database_url: str, tmp_path: Path) -> Result:
    with running(database_url, tmp_path, **OPTIONS) as service:
        return run_flow(service, "own_fields")


def test_client_sets_fields_of_its_own_and_deletes_by_a_mailed_link(result: Result) -> None:
    assert result["signedUp"]["data"]["user"]["lang"] == "fr"
    assert result["updated"] == DONE
    assert result["themed"]["data"]["session"]["theme"] == "dark"
    session = result["session"]["data"]
    assert (session["user"]["lang"], session["user"]["role"]) == ("de", "user")
    assert session["session"]["theme"] == "dark"
    assert result["role"]["error"]["status"] == 400

    assert result["asked"]["data"] == {"success": True, "message": "Verification email sent"}
    assert result["still"]["data"]["user"] == session["user"], "asking deletes nothing"
    assert result["byStranger"] == {"status": 404, "leadsTo": None}
    assert result["opened"] == {"status": 302, "leadsTo": f"{PAGE}/bye"}
    assert result["gone"] == {"data": None, "error": None}
    assert result["signedIn"]["error"]["code"] == "INVALID_EMAIL_OR_PASSWORD"
