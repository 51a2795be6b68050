"""OPTIONS outside the base path tells every method that the path answers, to anybody."""

import pytest

from app.storage.database import Database
from tests.support.asgi import Json, call
from tests.support.documented import default_document
from tests.support.service import serve

pytestmark = pytest.mark.anyio

VALUES = {"{user_id}": "ann", "{task_id}": "1"}
PATHS: dict[str, Json] = {
    path: operations
    for path, operations in default_document().content["paths"].items()
    if not path.startswith("/api/auth/")
}


@pytest.mark.parametrize("template", PATHS)
async def test_options_names_every_method(sqlite_database: Database, template: str) -> None:
    path = template
    for parameter, value in VALUES.items():
        path = path.replace(parameter, value)
    answer = await call((await serve(sqlite_database)).app, "OPTIONS", path)
    allowed = (answer.header("allow") or "").split(", ")
    assert answer.status == 204
    assert allowed == sorted({"OPTIONS", *map(str.upper, PATHS[template])})


@pytest.mark.parametrize("path", ["/docs", "/schema/openapi.json", "/"])
async def test_options_of_pages(sqlite_database: Database, path: str) -> None:
    answer = await call((await serve(sqlite_database)).app, "OPTIONS", path)
    assert (answer.status, answer.header("allow")) == (204, "GET, OPTIONS")


async def test_options_of_what_is_not_there_is_404(sqlite_database: Database) -> None:
    answer = await call((await serve(sqlite_database)).app, "OPTIONS", "/api/tasks/1/2/3")
    assert answer.status == 404
