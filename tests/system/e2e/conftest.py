"""The built app before a running service, both ways to connect them, and browsers on it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import running_chromium
from tests.system.js_client import service

from .next_app import running_app
from .place import Connection, Place, find_place
from .profile import Profile, new_profile
from .task_servers import TASK_SERVERS, Start
from .todo_app import Person, TodoApp

HERE = Path(__file__).parent


class NewApp(Protocol):
    def __call__(self, origin: str = "", /, *, path: str = "/") -> TodoApp: ...


@pytest.hookimpl(trylast=True)  # after pytest has grouped them
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One build after the other; pytest would group by a parameter's place in its list."""
    here = f"{HERE}{os.sep}"
    places = [number for number, item in enumerate(items) if str(item.path).startswith(here)]
    ordered = sorted((items[number] for number in places), key=_deployment)
    for number, item in zip(places, ordered, strict=True):
        items[number] = item


@pytest.fixture(scope="session", params=list(Connection))
def connection(request: pytest.FixtureRequest) -> Connection:
    return Connection(request.param)


@pytest.fixture(scope="session", params=sorted(TASK_SERVERS))
def task_server(request: pytest.FixtureRequest) -> Start | None:
    return TASK_SERVERS[request.param]


@pytest.fixture(scope="session")
def place(connection: Connection, task_server: Start | None) -> Iterator[Place]:
    """Where the built app runs; nothing answers at the other ports yet."""
    has_task_server = task_server is not None
    place = find_place(connection, has_task_server=has_task_server)
    with running_app(place):
        yield place


@pytest.fixture(scope="module")
def backend(
    place: Place, task_server: Start | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The service, and the task API if that is another one."""
    with running_backend(place, task_server, tmp_path_factory.mktemp("service")):
        yield


# Of this folder, as Chromium has to be left before other tests begin.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def profiles(browser: Browser) -> list[Profile]:
    """Those of the tests that were, each emptied: a new one costs two seconds of CPU."""
    return []


@pytest.fixture
def new_app(browser: Browser, profiles: list[Profile], place: Place) -> Iterator[NewApp]:
    """Opens the app in an empty browser profile, by its usual origin unless another is given.

    Without a path the profile is there, and no page of the app.
    Whatever happens, no page may misbehave.
    """
    apps: list[TodoApp] = []

    def open_app(origin: str = "", /, *, path: str = "/") -> TodoApp:
        if len(apps) == len(profiles):
            profiles.append(new_profile(browser))
        profile = profiles[len(apps)]
        profile.own.update({*place.origins, origin})
        app = TodoApp(profile.page, origin or place.app)
        apps.append(app)
        if path:
            app.open(path)
        return app

    yield open_app
    used = profiles[: len(apps)]
    for app in apps:
        app.leave()
    found = [profile.empty() for profile in used]
    assert found == [([], [])] * len(used)


@pytest.fixture
def ada() -> Person:
    return _somebody("Ada")


@pytest.fixture
def bob() -> Person:
    return _somebody("Bob")


@pytest.fixture
def app(new_app: NewApp, place: Place, ada: Person) -> TodoApp:
    """Ada has signed up, without the page for it: other tests go there."""
    app = new_app(path="")
    app.join(ada, place.app if place.is_one_origin else place.api)
    app.open()
    app.greets(ada)
    return app


@contextmanager
def running_backend(
    place: Place, task_server: Start | None, folder: Path, **variables: str
) -> Iterator[None]:
    """With the settings of the example's README; `variables` are others."""
    settings = {
        **place.settings_of_service,
        "PORT": str(place.api_port),
        "TASK_API": "true" if task_server is None else "false",
        **variables,
    }
    database_url = f"sqlite:///{folder / 'auth.db'}"
    service.migrate(database_url, folder, TASK_API="true")
    with ExitStack() as stack:
        running = stack.enter_context(service.running(database_url, folder, **settings))
        if task_server is not None:
            shared = {"BETTER_AUTH_SECRET": running.secret, "DATABASE_URL": database_url}
            stack.enter_context(task_server(place, folder, settings | shared))
        yield


def _deployment(item: pytest.Item) -> tuple[str, str]:
    assert isinstance(item, pytest.Function)
    parameters = item.callspec.params
    return str(parameters["connection"]), str(parameters["task_server"])


def _somebody(name: str) -> Person:
    """Of the test's own, because the tests of a module share a database."""
    return Person(name, f"{uuid4().hex}@example.com")
