"""Social routes where no provider is configured; every answer was the original's."""

from collections.abc import AsyncIterator

import pytest

from app.settings.options import ApiErrorOptions
from tests.support.asgi import Json
from tests.support.service import FORM, Service, browser, serving

pytestmark = pytest.mark.anyio

NOT_FOUND = {"message": "Provider not found", "code": "PROVIDER_NOT_FOUND"}
BASE = "http://localhost:8000/api/auth"
RESERVED = (
    "additionalParams cannot include reserved OAuth parameters: state, client_id, redirect_uri,"
    " response_type, code_challenge, code_challenge_method, nonce, scope"
)


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with serving(sqlite_url) as made:
        yield made


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"foo": 1},
        {"idToken": {"token": "x", "expiresAt": 1.5, "user": {"name": {"firstName": "A"}}}},
        {"scopes": ["a"], "additionalParams": {"prompt": "x"}, "additionalData": {"a": [1]}},
    ],
)
async def test_no_provider_is_found(service: Service, fields: dict[str, Json]) -> None:
    for provider in ("google", "x", ""):
        answer = await service.post("/sign-in/social", {"provider": provider, **fields})
        assert (answer.status, answer.json()) == (404, NOT_FOUND)
    ada = await service.sign_up()
    answer = await service.post("/link-social", {"provider": "google", **fields}, browser(ada))
    assert (answer.status, answer.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "[body.provider] Invalid input"),
        ({"provider": 5}, "[body.provider] Invalid input"),
        ([], "[body] Invalid input: expected object, received array"),
        (
            {"provider": "x", "scopes": [5, "a", 6]},
            "; ".join(
                f"[body.scopes.{at}] Invalid input: expected string, received number"
                for at in (0, 2)
            ),
        ),
        (
            {"provider": "x", "scopes": "a"},
            "[body.scopes] Invalid input: expected array, received string",
        ),
        (
            {"provider": "x", "idToken": {}},
            "[body.idToken.token] Invalid input: expected string, received undefined",
        ),
        (
            {"provider": "x", "idToken": 5},
            "[body.idToken] Invalid input: expected object, received number",
        ),
        (
            {"provider": "x", "additionalParams": 5},
            "[body.additionalParams] Invalid input: expected record, received number",
        ),
        (
            {"provider": "x", "additionalParams": {"state": "x"}},
            f"[body.additionalParams] {RESERVED}",
        ),
        (
            {"provider": "x", "additionalParams": {"state": "x", "z": 5}},
            "[body.additionalParams.z] Invalid input: expected string, received number",
        ),
        (
            {"provider": "x", "additionalData": []},
            "[body.additionalData] Invalid input: expected record, received array",
        ),
    ],
)
async def test_body_is_judged_first(service: Service, body: Json, text: str) -> None:
    for path in ("/sign-in/social", "/link-social"):
        answer = await service.post(path, body)
        assert (answer.status, answer.json()) == (
            400,
            {"message": text, "code": "VALIDATION_ERROR"},
        )


async def test_only_who_is_signed_in_links(service: Service) -> None:
    answer = await service.post("/link-social", {"provider": "google"})
    assert (answer.status, answer.json()["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", "state_not_found"),
        ("?state=", "state_not_found"),
        ("?code=1", "state_not_found"),
        ("?error=a%20b", "state_not_found"),
        ("?state=x", "state_mismatch"),
        ("?state=x&code=1&foo=1", "state_mismatch"),
        ("?state=x&callbackURL=https://evil.example", "state_mismatch"),
    ],
)
async def test_callback_ends_on_the_error_page(service: Service, query: str, error: str) -> None:
    answer = await service.get(f"/callback/google{query}")
    assert (answer.status, answer.body) == (302, b"")
    assert answer.header_list("location") == [f"{BASE}/error?error={error}"]
    assert answer.header("content-type") == "application/json"


async def test_repeated_parameter_is_no_text(service: Service) -> None:
    for answer in (
        await service.get("/callback/google?state=a&state=b"),
        await service.post("/callback/google?state=a&state=b", {"state": "x"}),
    ):
        assert answer.status == 400
        assert answer.json()["message"].startswith("[query.state] Invalid input")


async def test_callback_ends_on_the_page_that_is_set(sqlite_url: str) -> None:
    async with serving(
        sqlite_url, on_api_error=ApiErrorOptions(error_url="/oops?a=1#f")
    ) as service:
        answer = await service.get("/callback/x?state=q")
        assert answer.header("location") == "/oops?a=1&error=state_mismatch#f"


@pytest.mark.parametrize(
    ("path", "body", "sent"),
    [
        ("/callback/google", b"", ""),
        ("/callback/google?code=q", {}, "code=q"),
        ("/callback/google?code=q", {"state": "x", "code": "1 2"}, "code=q&state=x"),
        ("/callback/google", {"user": "a b*~'", "error": "", "z": 1}, "error=&user=a+b*%7E%27"),
        (
            "/callback/google?iss=a&error=b&device_id=1&error_description=%C3%A9",
            b"",
            "error=b&device_id=1&error_description=%C3%A9&iss=a",
        ),
    ],
)
async def test_posted_callback_goes_on_as_a_query(
    service: Service, path: str, body: Json, sent: str
) -> None:
    answer = await service.post(path, body)
    assert (answer.status, answer.body) == (302, b"")
    assert answer.header("location") == f"{BASE}/callback/google?{sent}"


async def test_provider_stays_as_it_was_sent(service: Service) -> None:
    answer = await service.post("/callback/a%2Fb%0d%0ac")
    assert answer.header("location") == f"{BASE}/callback/a%2Fb%0d%0ac?"


async def test_form_goes_on_as_a_query(service: Service) -> None:
    body = b"state=x&code=1+2&user=%7B%7D&foo=1"
    answer = await service.post("/callback/google", body, [FORM])
    assert answer.header("location") == f"{BASE}/callback/google?code=1+2&state=x&user=%7B%7D"
