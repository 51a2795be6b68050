"""Where a sign-in sends its client next, and who may send one."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.auth.email_password.test_sign_in import REFUSAL
from tests.support.asgi import Header
from tests.support.service import EMAIL, JSON, ORIGIN, PASSWORD, Service, browser, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    """With one user; what is tested here is the same on every engine."""
    async with serving(sqlite_url) as made:
        await made.sign_up()
        yield made


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/next", "/next"),
        ('/a b"<>', '/a b"<>'),
        ("/%0d%0aSet-Cookie:x", "/%0d%0aSet-Cookie:x"),
        ("/é?x=ü", "/é?x=ü"),
        ("/日本?é", "/%E6%97%A5%E6%9C%AC?%C3%A9"),
        ("/😀", "/%F0%9F%98%80"),
        (f"{ORIGIN}/deep?x=1#y", f"{ORIGIN}/deep?x=1#y"),
        (f"{ORIGIN}/\r\nSet-Cookie: x=y", f"{ORIGIN}/%0D%0ASet-Cookie: x=y"),
        (f"{ORIGIN}/\x7f\x85\0", f"{ORIGIN}/%7F%C2%85%00"),
    ],
)
async def test_callback_url_is_location_and_url_on_a_200(
    service: Service, url: str, location: str
) -> None:
    answer = await service.sign_in(callbackURL=url)
    assert answer.status == 200
    assert list(answer.json()) == ["redirect", "token", "url", "user"]
    assert answer.json()["redirect"] is True
    assert answer.json()["url"] == url
    assert answer.header_list("location") == [location]
    assert not any(c in value for _, value in answer.headers for c in "\r\n\0")


async def test_empty_callback_url_is_echoed_and_leads_nowhere(service: Service) -> None:
    answer = await service.sign_in(callbackURL="")
    assert list(answer.json()) == ["redirect", "token", "url", "user"]
    assert (answer.json()["redirect"], answer.json()["url"]) == (False, "")
    assert answer.header("location") is None


async def test_failed_sign_in_leads_nowhere(service: Service) -> None:
    answer = await service.sign_in(password="wrong horse", callbackURL="/next")
    assert answer.json() == REFUSAL
    assert answer.header("location") is None


BODY = {"name": "Eve", "email": EMAIL, "password": PASSWORD}


@pytest.mark.parametrize("path", ["/sign-in/email", "/sign-up/email"])
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([("origin", "https://evil.example")], "INVALID_ORIGIN"),
        ([("referer", "https://evil.example/form")], "INVALID_ORIGIN"),
        ([("origin", "null")], "MISSING_OR_NULL_ORIGIN"),
        ([("origin", ORIGIN[:-1])], "INVALID_ORIGIN"),
        ([("sec-fetch-site", "same-origin")], "MISSING_OR_NULL_ORIGIN"),
        ([("sec-fetch-mode", "cors"), ("origin", "https://evil.example")], "INVALID_ORIGIN"),
        (
            [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("origin", ORIGIN)],
            "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
        ),
        ([("cookie", "any=thing")], "MISSING_OR_NULL_ORIGIN"),
        ([("cookie", ""), ("origin", "https://evil.example")], "INVALID_ORIGIN"),
    ],
)
async def test_login_from_a_foreign_page_is_refused(
    service: Service, path: str, headers: list[Header], code: str
) -> None:
    answer = await service.post(path, BODY, headers)
    assert (answer.status, answer.json()["code"]) == (403, code)
    assert answer.header_list("set-cookie") == []


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("origin", ORIGIN)],
        [("origin", f"{ORIGIN}/")],
        [("origin", ""), ("referer", f"{ORIGIN}/sign-in")],
        [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors"), ("origin", ORIGIN)],
        [("cookie", "any=thing"), ("origin", ORIGIN), ("sec-fetch-mode", "navigate")],
        [("origin", "http://localhost:8000")],
    ],
)
async def test_login_of_a_program_or_a_trusted_page_is_served(
    service: Service, headers: list[Header]
) -> None:
    assert (await service.post("/sign-in/email", BODY, headers)).status == 200


async def test_body_is_judged_before_the_foreign_page(service: Service) -> None:
    evil = [("origin", "https://evil.example")]
    answer = await service.post("/sign-in/email", {}, evil)
    assert answer.json()["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("key", ["userId", "user_id", "id", "sub", "sessionId", "sid", "token"])
async def test_no_route_takes_identity_from_body_or_query(service: Service, key: str) -> None:
    victim = (await service.sign_in()).json()
    stranger = await service.sign_up("eve@example.com")
    for value in (victim["user"]["id"], victim["token"]):
        query = f"?{key}={value}"
        body = {key: value, "user": {"id": value}, "session": {"token": value}}
        assert (await service.get(f"/get-session{query}")).body == b"null"
        assert (await service.get(f"/token{query}")).status == 401
        assert (await service.post(f"/sign-out{query}", body)).json() == {"success": True}
        mine = await service.get(f"/get-session{query}", browser(stranger))
        assert mine.json()["user"]["email"] == "eve@example.com"
        credentials = {"email": EMAIL, "password": "wrong horse"}
        refused = await service.post(f"/sign-in/email{query}", {**body, **credentials})
        assert refused.json() == REFUSAL
        signed_in = {**body, "email": "eve@example.com", "password": PASSWORD}
        answer = await service.post(f"/sign-in/email{query}", signed_in)
        assert answer.json()["user"]["id"] == stranger.json()["user"]["id"]
    headers = [("authorization", f"Bearer {victim['token']}")]
    assert json.loads((await service.get("/get-session", headers)).body) is not None


@pytest.mark.usefixtures("uncollected")
async def test_deep_nesting_in_a_field_that_nobody_reads_is_never_a_fault_without_a_name(
    service: Service,
) -> None:
    for depth in range(850, 1050, 5):
        nested = b"[" * depth + b"]" * depth
        body = b'{"email":"nobody@b.co","password":"","x":' + nested + b"}"
        answer = await service.post("/sign-in/email", body, [JSON])
        malformed = {"message": "Invalid JSON in request body", "code": "BAD_REQUEST"}
        assert answer.json() in (REFUSAL, malformed)
