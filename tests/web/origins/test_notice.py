import logging

import pytest

from app.storage.database import Database
from app.web.origins.notice import OriginNotice
from tests.support.asgi import Header, call
from tests.support.service import EMAIL, ORIGIN, PASSWORD, serve

pytestmark = pytest.mark.anyio


def test_origin_is_told_once_with_the_setting_that_trusts_it() -> None:
    told: list[str] = []
    notice = OriginNotice(told.append)
    for _ in range(3):
        notice.on_refused("http://localhost:3001")
    (line,) = told
    assert line.startswith("'http://localhost:3001' is not a trusted origin")
    assert "BETTER_AUTH_TRUSTED_ORIGINS" in line


@pytest.mark.parametrize(
    "origin", ["http://a\r\nINFO forged", "http://a\x1b[2J", "http://" + "a" * 9999]
)
def test_origin_can_forge_no_line(origin: str) -> None:
    told: list[str] = []
    OriginNotice(told.append).on_refused(origin)
    assert told[0].isprintable()
    assert len(told[0]) < 300


def test_flood_of_origins_fills_no_log() -> None:
    told: list[str] = []
    notice = OriginNotice(told.append)
    for number in range(1000):
        notice.on_refused(f"http://{number}.test")
    assert len(told) == 100


def test_null_has_no_setting() -> None:
    told: list[str] = []
    OriginNotice(told.append).on_refused("null")
    assert told == []


def test_request_of_no_origin_is_told_once_with_what_to_send() -> None:
    told: list[str] = []
    notice = OriginNotice(told.append)
    for _ in range(3):
        notice.on_unnamed()
    (line,) = told
    assert "BETTER_AUTH_TRUSTED_ORIGINS" in line
    assert "BETTER_AUTH_URL" in line


@pytest.mark.parametrize(
    "headers",
    [
        [("cookie", "a=b")],  # what forwards a cookie, refused by the front layer
        [("sec-fetch-mode", "cors")],  # Node's fetch, refused by the route
        [("sec-fetch-mode", "cors"), ("origin", "null")],
    ],
)
async def test_request_refused_for_its_missing_origin_is_explained_in_the_log(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture, headers: list[Header]
) -> None:
    service = await serve(sqlite_database)
    with caplog.at_level(logging.WARNING):
        body = {"email": EMAIL, "password": PASSWORD}
        for _ in range(2):
            answer = await service.post("/sign-in/email", body, headers)
            assert answer.json()["code"] == "MISSING_OR_NULL_ORIGIN"
        await service.post("/sign-in/email", body)
    (line,) = [record.getMessage() for record in caplog.records if "trusted" in record.getMessage()]
    assert "without an Origin" in line


async def test_page_that_gets_a_cors_error_is_named_in_the_log(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    service = await serve(sqlite_database)
    with caplog.at_level(logging.WARNING):
        preflight = [("origin", "http://localhost:3001"), ("access-control-request-method", "POST")]
        await call(service.app, "OPTIONS", "/api/auth/sign-in/email", preflight)
        await call(service.app, "GET", "/api/auth/ok", [("origin", ORIGIN)])
    (line,) = [record.getMessage() for record in caplog.records if "trusted" in record.getMessage()]
    assert "http://localhost:3001" in line
