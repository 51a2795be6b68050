"""The task API over a real database with two users, called with raw requests."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, NoReturn
from uuid import uuid4

import asyncpg
import pytest
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from sqlalchemy import insert

from app.bridge import Verifier
from app.bridge.litestar import requires_user
from app.schema.migrate import migrate
from app.storage.database import Database
from app.tasks.routes import make_task_router
from app.tasks.tasks import Tasks
from tests.bridge.minting import SECRET, good_claims, mint
from tests.support.asgi import Answer, Header, Json, call, json_body
from tests.support.tables import TABLES, users

MADE = "2026-11-01T08:00:00.000Z"


class TaskApi:
    """Speaks for a user: signs each request with a token of theirs."""

    def __init__(self, app: Litestar) -> None:
        self.app = app

    async def send(
        self,
        method: str,
        path: str,
        body: Json = ...,
        *,
        user: str | None = "ann",
        headers: Sequence[Header] = (),
    ) -> Answer:
        """Send one request; `body` is JSON, or bytes as they are."""
        sent = list(headers)
        if user is not None:
            sent.append(("authorization", f"Bearer {mint(good_claims(sub=user))}"))
        if body is ...:
            return await call(self.app, method, path, sent)
        sent.append(("content-type", "application/json"))
        octets = body if isinstance(body, bytes) else json_body(body)
        return await call(self.app, method, path, sent, octets)

    async def make(self, *titles: str, user: str = "ann", **fields: Json) -> list[Json]:
        """Tasks with these titles, one after the other."""
        made = []
        for title in titles:
            answer = await self.send("POST", "/api/tasks", {"title": title, **fields}, user=user)
            assert answer.status == 201, answer.body
            made.append(answer.json())
        return made

    async def titles(self, query: str = "", user: str = "ann") -> list[str]:
        """The titles that a list shows, in its order."""
        answer = await self.send("GET", f"/api/tasks{query}", user=user)
        assert answer.status == 200, answer.body
        return [task["title"] for task in answer.json()]


def task_app(database: Database) -> Litestar:
    """The task API and nothing else."""
    guard = requires_user(Verifier(SECRET))
    return Litestar(
        [make_task_router(Tasks(database, TABLES), guard)],
        exception_handlers={HTTPException: _status_of, Exception: _fail},
        openapi_config=OpenAPIConfig("Tasks", "1", use_handler_docstrings=True),
        logging_config=None,
    )


class _NoStore:
    """A database that nothing may ask."""

    def __getattr__(self, name: str) -> NoReturn:
        pytest.fail(f"the database was asked: {name}")


@pytest.fixture
def edge() -> TaskApi:
    """The API for requests that must be refused before the database is asked."""
    return TaskApi(task_app(_NoStore()))


def _status_of(_: Request[Any, Any, Any], error: HTTPException) -> Response[None]:
    return Response(None, status_code=error.status_code, headers=error.headers)


def _fail(_: Request[Any, Any, Any], error: Exception) -> Response[None]:
    """What the service would answer with 500 fails the test here."""
    raise error


@pytest.fixture
async def api(database: Database) -> TaskApi:
    return await task_api(database)


@pytest.fixture
async def c_locale_url(postgres_server: str) -> AsyncIterator[str]:
    """A migrated PostgreSQL database whose `lower` leaves what is not ASCII as it is."""
    name = f"c_locale_{uuid4().hex}"
    admin = await asyncpg.connect(postgres_server)
    await admin.execute(
        f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    url = postgres_server.replace("/postgres?", f"/{name}?")
    await migrate(url)
    yield url
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


async def task_api(database: Database) -> TaskApi:
    """The API, with the users `ann` and `bob`."""
    people = [
        {
            "id": name,
            "name": name,
            "email": f"{name}@example.com",
            "emailVerified": False,
            "createdAt": MADE,
            "updatedAt": MADE,
        }
        for name in ("ann", "bob")
    ]
    async with database.begin() as tx:
        await tx.execute(insert(users), people)
    return TaskApi(task_app(database))
