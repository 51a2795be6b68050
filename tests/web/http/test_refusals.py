from app.models.errors import Refusal
from app.web.http.refusals import render_refusal


class Missing(Refusal):
    status, code, message = 403, "MISSING", "Something is missing"


def test_details_follow_message_and_code() -> None:
    refusal = Missing()
    assert render_refusal(refusal).body == b'{"message":"Something is missing","code":"MISSING"}'
    refusal.details = {"what": ["a"]}
    assert render_refusal(refusal.with_headers([("x", "y")])).body == (
        b'{"message":"Something is missing","code":"MISSING","what":["a"]}'
    )
