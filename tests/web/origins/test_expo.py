"""`expo-origin`, which React Native sends in place of Origin, and why no page gains by it."""

import logging
from collections.abc import AsyncIterator

import pytest

from app.settings.options import ExpoOptions
from tests.support.asgi import Answer, Header
from tests.support.service import ORIGIN, Service, serving

pytestmark = pytest.mark.anyio

APP = "myapp://"
EXPO: Header = ("expo-origin", APP)
COOKIE: Header = ("cookie", "better-auth.session_token=anything")
STRANGERS = ["otherapp://", "https://evil.example", "null", "myapp", f"{APP}, otherapp://"]


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with serving(sqlite_url, trusted_origins=(ORIGIN, APP)) as made:
        yield made


def code_of(answer: Answer) -> str | None:
    return None if answer.status == 200 else answer.json()["code"]


async def test_app_is_known_by_it(service: Service) -> None:
    assert code_of(await service.post("/sign-out", {}, [COOKIE, EXPO])) is None
    signed_up = await service.post(
        "/sign-up/email",
        {"name": "Ada", "email": "ada@example.com", "password": "correct horse"},
        [EXPO],
    )
    assert signed_up.status == 200


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("path", ["/sign-out", "/sign-in/email"])
async def test_app_that_is_not_trusted_is_refused(
    service: Service, stranger: str, path: str
) -> None:
    expected = "MISSING_OR_NULL_ORIGIN" if stranger == "null" else "INVALID_ORIGIN"
    body = {"email": "ada@example.com", "password": "correct horse"}
    answer = await service.post(path, body, [COOKIE, ("expo-origin", stranger)])
    assert (answer.status, code_of(answer)) == (403, expected)


async def test_two_of_them_are_none(service: Service) -> None:
    answer = await service.post("/sign-out", {}, [COOKIE, EXPO, EXPO])
    assert code_of(answer) == "INVALID_ORIGIN"


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_origin_counts_first(service: Service, origin: str) -> None:
    """What a browser sends with every request that can change something, whatever the page."""
    answer = await service.post("/sign-out", {}, [COOKIE, ("origin", origin), EXPO])
    assert answer.status == 403


async def test_empty_origin_is_none(service: Service) -> None:
    assert code_of(await service.post("/sign-out", {}, [COOKIE, ("origin", ""), EXPO])) is None


async def test_it_counts_before_the_referer(service: Service) -> None:
    headers = [COOKIE, ("referer", f"{ORIGIN}/page"), ("expo-origin", "otherapp://")]
    assert code_of(await service.post("/sign-out", {}, headers)) == "INVALID_ORIGIN"


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_page_of_a_stranger_may_not_send_it(service: Service, origin: str) -> None:
    """A header of that name needs a preflight, and a form can't send one at all."""
    asked = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "expo-origin"),
        EXPO,
    ]
    answer = await service.call("OPTIONS", "/sign-out", asked)
    assert (answer.status, answer.header("access-control-allow-headers")) == (404, None)


async def test_it_lets_no_page_read_an_answer(service: Service) -> None:
    answer = await service.get("/get-session", [EXPO])
    assert answer.header("access-control-allow-origin") is None


async def test_stranger_is_told_to_the_operator(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await service.post("/sign-out", {}, [COOKIE, ("expo-origin", "exp://192.168.1.5:8081")])
    assert "'exp://192.168.1.5:8081' is not a trusted origin" in caplog.text


async def test_it_can_be_switched_off(sqlite_url: str) -> None:
    off = ExpoOptions(disable_origin_override=True)
    async with serving(sqlite_url, trusted_origins=(APP,), expo=off) as service:
        answer = await service.post("/sign-out", {}, [COOKIE, EXPO])
    assert code_of(answer) == "MISSING_OR_NULL_ORIGIN"
