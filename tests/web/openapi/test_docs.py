"""The page and the document, at our addresses and at Better Auth's own."""

import re
from typing import Any

import pytest

from app.storage.database import Database
from tests.support.asgi import Answer, call
from tests.support.documented import default_document
from tests.support.service import serve

pytestmark = pytest.mark.anyio

PAGES = ["/docs", "/api/auth/reference"]
DOCUMENTS = ["/schema/openapi.json", "/api/auth/open-api/generate-schema"]


async def get(database: Database, path: str, **options: Any) -> Answer:
    service = await serve(database, **options)
    return await call(service.app, "GET", path)


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_document_is_the_one_that_is_committed(sqlite_database: Database, path: str) -> None:
    answer = await get(sqlite_database, path)
    assert answer.status == 200
    assert answer.json() == default_document().content


async def test_document_follows_the_settings(sqlite_database: Database) -> None:
    answer = await get(sqlite_database, "/schema/openapi.json", base_path="/auth", task_api=False)
    assert {path.split("/")[1] for path in answer.json()["paths"]} == {"auth", "health"}


async def test_document_names_the_cookie_that_is_set(sqlite_database: Database) -> None:
    answer = await get(sqlite_database, "/schema/openapi.json", url="https://a.test", api_docs=True)
    schemes = answer.json()["components"]["securitySchemes"]
    assert schemes["sessionCookie"]["name"] == "__Secure-better-auth.session_token"


@pytest.mark.parametrize("path", [*PAGES, *DOCUMENTS, "/", "/docs/start.js"])
@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"url": "https://a.test"}, 404),
        ({"url": "https://a.test", "api_docs": True}, 200),
        ({"url": "http://a.test"}, 200),
        ({"api_docs": False}, 404),
    ],
)
async def test_docs_are_off_where_people_come_by_https(
    sqlite_database: Database, path: str, options: dict[str, Any], status: int
) -> None:
    answer = await get(sqlite_database, path, **options)
    assert answer.status == (302 if path == "/" and status == 200 else status)


@pytest.mark.parametrize(
    ("options", "is_on"),
    [
        ({"url": "https://a.test"}, False),
        ({"url": "https://a.test", "task_api": True}, True),
        ({"url": "http://a.test"}, True),
    ],
)
async def test_sample_api_is_off_where_people_come_by_https(
    sqlite_database: Database, options: dict[str, Any], *, is_on: bool
) -> None:
    answer = await get(sqlite_database, "/schema/openapi.json", api_docs=True, **options)
    assert ("/api/tasks" in answer.json()["paths"]) is is_on


@pytest.mark.parametrize("path", PAGES)
async def test_page_and_all_it_loads_are_served_here(sqlite_database: Database, path: str) -> None:
    page = await get(sqlite_database, path)
    assert page.status == 200
    assert page.header("content-type") == "text/html; charset=utf-8"
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page.body.decode())
    assert len(loaded) == 4
    for asset in loaded:
        assert (await get(sqlite_database, asset)).status == 200


async def test_page_allows_nothing_but_files_of_this_server(sqlite_database: Database) -> None:
    policy = (await get(sqlite_database, "/docs")).header("content-security-policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy


async def test_scripts_are_served_as_scripts(sqlite_database: Database) -> None:
    for name, kind in {"start.js": "text/javascript", "swagger-ui.css": "text/css"}.items():
        answer = await get(sqlite_database, f"/docs/{name}")
        assert (answer.header("content-type") or "").startswith(kind)
        assert answer.header("x-content-type-options") == "nosniff"
