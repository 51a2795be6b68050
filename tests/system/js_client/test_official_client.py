"""The real `better-auth/client`, in pages of a browser, against the running service."""

from datetime import datetime, timedelta

import jwt
import pytest
from jose import jwt as jose

from .flow import Flow, Result
from .service import SECRET

pytestmark = pytest.mark.xdist_group("client")

DONE = {"data": {"status": True}, "error": None}


def test_sign_up_signs_in(flow: Flow) -> None:
    result = flow("sign_up")
    assert result["before"] == {"data": None, "error": None}
    assert result["signedUp"]["error"] is None
    assert result["session"]["data"]["user"] == result["signedUp"]["data"]["user"]
    assert result["session"]["data"]["session"]["token"] == result["signedUp"]["data"]["token"]


def test_user_reads_as_the_client_types_say(flow: Flow) -> None:
    result = flow("sign_up")
    user = result["signedUp"]["data"]["user"]
    assert list(user) == ["name", "email", "emailVerified", "image", "createdAt", "updatedAt", "id"]
    assert user["email"] == result["ada"]["email"]
    assert (user["emailVerified"], user["image"]) == (False, None)
    assert result["revived"] is True


def test_session_cookie_is_hidden_from_scripts(flow: Flow) -> None:
    result = flow("sign_up")
    assert [c["name"] for c in result["cookies"]] == ["better-auth.session_token"]
    assert result["visible"] == []


def test_browser_asks_before_posting_json_across_origins(flow: Flow) -> None:
    sent = flow("sign_up")["sent"]
    at = sent.index("POST /api/auth/sign-up/email")
    assert sent[at - 1] == "OPTIONS /api/auth/sign-up/email"
    assert sent[0] == "GET /api/auth/get-session"


def test_second_sign_up_with_an_address_is_refused(flow: Flow) -> None:
    assert flow("sign_up")["again"] == {
        "data": None,
        "error": {
            "message": "User already exists. Use another email.",
            "code": "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
            "status": 422,
            "statusText": "Unprocessable Entity",
        },
    }


def test_wrong_password_reads_like_unknown_email(flow: Flow) -> None:
    result = flow("sign_in")
    assert result["wrong"] == result["unknown"]
    assert result["wrong"]["error"] == {
        "message": "Invalid email or password",
        "code": "INVALID_EMAIL_OR_PASSWORD",
        "status": 401,
        "statusText": "Unauthorized",
    }
    assert result["cookiesAfterRefusals"] == []


def test_malformed_email_is_a_validation_error(flow: Flow) -> None:
    error = flow("sign_in")["malformed"]["error"]
    assert (error["status"], error["code"]) == (400, "VALIDATION_ERROR")
    assert error["message"] == "[body.email] Invalid input: expected string, received number"


def test_sign_in_ignores_the_case_of_the_address(flow: Flow) -> None:
    result = flow("sign_in")
    assert result["signedIn"]["data"]["redirect"] is False
    assert result["signedIn"]["data"]["user"]["email"] == result["ada"]["email"]
    assert result["session"]["data"]["session"]["token"] == result["signedIn"]["data"]["token"]


def test_session_remembers_the_browser(flow: Flow) -> None:
    assert flow("sign_in")["session"]["data"]["session"]["userAgent"].startswith("Mozilla/5.0")


def test_sign_out_ends_the_session(flow: Flow) -> None:
    result = flow("sign_out")
    assert result["signedOut"]["data"] == {"success": True}
    assert result["cookies"] == []
    assert result["session"] == {"data": None, "error": None}


def test_sign_out_twice_is_no_error(flow: Flow) -> None:
    assert flow("sign_out")["again"]["data"] == {"success": True}


def test_token_needs_a_session(flow: Flow) -> None:
    assert flow("token")["without"]["error"]["status"] == 401


def test_pyjwt_reads_the_token_with_the_secret_alone(flow: Flow) -> None:
    result = flow("token")
    claims = jwt.decode(result["token"]["data"]["token"], SECRET, algorithms=["HS256"])
    _assert_claims(claims, result)


def test_python_jose_reads_the_token_with_the_secret_alone(flow: Flow) -> None:
    result = flow("token")
    claims = jose.decode(result["token"]["data"]["token"], SECRET, algorithms=["HS256"])
    _assert_claims(claims, result)


def test_session_token_is_in_no_jwt(flow: Flow) -> None:
    result = flow("token")
    secret = result["session"]["data"]["session"]["token"]
    for token in (result["token"]["data"]["token"], result["header"]):
        assert secret not in str(jwt.decode(token, SECRET, algorithms=["HS256"]))


def test_page_can_read_the_jwt_header_of_get_session(flow: Flow) -> None:
    result = flow("token")
    claims = jwt.decode(result["header"], SECRET, algorithms=["HS256"])
    assert claims["sub"] == result["session"]["data"]["user"]["id"]


def test_shared_secret_is_never_published(flow: Flow) -> None:
    assert flow("token")["jwks"] == {"data": {"keys": []}, "error": None}


def test_task_api_takes_the_token(flow: Flow) -> None:
    result = flow("tasks")
    assert result["created"]["status"] == 201
    assert result["created"]["body"]["user_id"] == result["user"]["id"]
    assert result["created"]["body"]["title"] == "Write the flow"
    assert result["listed"]["total"] == "1"
    assert [task["id"] for task in result["listed"]["body"]] == [result["created"]["body"]["id"]]
    assert result["completed"]["body"]["completed"] is True
    assert result["removed"]["status"] == 204


def test_task_api_keeps_users_apart(flow: Flow) -> None:
    result = flow("tasks")
    assert result["ofAnother"]["status"] == 403
    assert result["anonymous"]["status"] == 401


def test_forgotten_session_ends_with_the_browser(flow: Flow) -> None:
    result = flow("remember_me")
    assert {c["name"]: c["session"] for c in result["cookies"]} == {
        "better-auth.session_token": True,
        "better-auth.dont_remember": True,
    }
    assert result["reopened"] == {"data": None, "error": None}


def test_forgotten_session_lasts_one_day(flow: Flow) -> None:
    session = flow("remember_me")["session"]["data"]["session"]
    lifetime = datetime.fromisoformat(session["expiresAt"]) - datetime.fromisoformat(
        session["createdAt"]
    )
    assert lifetime == timedelta(days=1)


def test_bearer_client_needs_no_cookies(flow: Flow) -> None:
    result = flow("bearer")
    assert result["cookies"] == []
    assert result["kept"].startswith(result["signedUp"]["data"]["token"] + ".")
    assert result["session"]["data"]["user"] == result["signedUp"]["data"]["user"]
    assert result["token"]["error"] is None
    assert result["signedOut"]["data"] == {"success": True}
    assert result["after"] == {"data": None, "error": None}


def test_sign_out_leaves_other_devices_signed_in(flow: Flow) -> None:
    result = flow("two_devices")
    tokens = [device["data"]["session"]["token"] for device in result["before"]]
    assert len(set(tokens)) == 2
    assert result["phone"]["data"] is None
    assert result["laptop"]["data"]["session"]["token"] == tokens[1]


def test_sessions_are_listed_with_their_tokens(flow: Flow) -> None:
    result = flow("sessions")
    assert result["listed"]["error"] is None
    assert {each["token"] for each in result["listed"]["data"]} == set(result["before"][:3])
    assert result["revived"] is True


def test_one_session_is_revoked(flow: Flow) -> None:
    result = flow("sessions")
    assert result["one"] == DONE
    assert result["afterOne"] == [None, *result["before"][1:]]


def test_session_of_another_user_is_not_revoked(flow: Flow) -> None:
    result = flow("sessions")
    assert result["foreign"] == DONE
    assert result["afterForeign"] == result["before"]


def test_other_sessions_are_revoked(flow: Flow) -> None:
    result = flow("sessions")
    assert result["others"] == DONE
    assert result["afterOthers"] == [None, None, *result["before"][2:]]


def test_all_sessions_are_revoked_but_those_of_others(flow: Flow) -> None:
    result = flow("sessions")
    assert result["all"] == DONE
    assert result["afterAll"] == [None, None, None, result["before"][3]]
    assert result["refused"]["error"]["code"] == "UNAUTHORIZED"


def test_token_of_another_type_is_a_validation_error(flow: Flow) -> None:
    error = flow("sessions")["malformed"]["error"]
    assert (error["status"], error["code"]) == (400, "VALIDATION_ERROR")
    assert error["message"] == "[body.token] Invalid input: expected string, received number"


def test_use_session_follows_sign_in_and_sign_out(flow: Flow) -> None:
    result = flow("use_session")
    email = result["ada"]["email"]
    assert result["seen"] == [None, email, None, email]


def test_use_session_follows_the_account(flow: Flow) -> None:
    """Its store asks again, by itself, after each method that changes what it shows."""
    result = flow("use_session")
    assert result["renamed"]["user"]["name"] == "Ada King"
    assert result["afterPassword"]["user"] == result["renamed"]["user"]
    assert result["afterPassword"]["session"]["token"] != result["renamed"]["session"]["token"]
    assert result["deleted"] is None


def test_page_of_another_origin_gets_nothing(flow: Flow) -> None:
    result = flow("foreign_page")
    assert result["signUp"]["rejected"].startswith("TypeError: Failed to fetch (CORS: preflight")
    assert result["session"]["rejected"].startswith("TypeError: Failed to fetch (CORS: origin")
    assert result["own"]["error"] is None, "the refused sign-up left a user behind"


def _assert_claims(claims: Result, result: Result) -> None:
    session = result["session"]["data"]
    assert claims["sub"] == claims["user_id"] == session["user"]["id"]
    assert claims["sid"] == session["session"]["id"]
    assert claims["email"] == session["user"]["email"]
    assert claims["exp"] - claims["iat"] == 15 * 60
