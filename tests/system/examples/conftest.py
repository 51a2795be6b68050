"""The service and the example side by side on one database, and two people."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from msgspec import Struct

from tests.support import programs
from tests.support.postgres import running_postgres
from tests.system.js_client import service
from tests.system.packaging.people import Person, sign_up

from . import fastapi_tasks


class TaskApi:
    """A task API as people with a token ask it."""

    def __init__(self, origin: str) -> None:
        self.client = httpx.Client(base_url=origin, timeout=30)

    def send(
        self, person: Person, method: str, path: str = "", body: object = None, *, of: str = ""
    ) -> httpx.Response:
        """`path` is below the person's tasks, or below those of another id."""
        url = f"/api/{of or person.id}/tasks{path}"
        return self.client.request(method, url, json=body, headers=person.bearer)

    def make(self, person: Person, **fields: object) -> dict[str, object]:
        made = self.send(person, "POST", "", {"title": "Buy milk", **fields})
        assert made.status_code == 201, made.text
        return dict(made.json())


class Scene(Struct, frozen=True):
    """`served` is the service's own task API, `example` the other."""

    served: TaskApi
    example: TaskApi
    ann: Person
    bob: Person
    database_url: str


@contextmanager
def scene_on(database_url: str, folder: Path) -> Iterator[Scene]:
    own, port = folder / "example", programs.free_port()
    own.mkdir()
    with service.running(database_url, folder, TASK_API="true") as running:
        settings = {
            "BETTER_AUTH_SECRET": running.secret,
            "BETTER_AUTH_URL": running.url,
            "BETTER_AUTH_TRUSTED_ORIGINS": service.PAGE,
            "DATABASE_URL": database_url,
        }
        with fastapi_tasks.running(settings, own, port):
            served, example = TaskApi(running.url), TaskApi(f"http://127.0.0.1:{port}")
            people = sign_up(running.url, "Ann"), sign_up(running.url, "Bob")
            with served.client, example.client:
                yield Scene(served, example, *people, database_url)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("service")
    with ExitStack() as stack:
        on_sqlite = request.param == "sqlite"
        url = f"sqlite:///{folder / 'auth.db'}"
        url = url if on_sqlite else stack.enter_context(running_postgres())
        yield stack.enter_context(scene_on(url, folder))
