"""What the app says while the service is down, and how it goes on after."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from .conftest import NewApp, running_backend
from .place import Place
from .task_servers import Start
from .todo_app import Person

pytestmark = [
    pytest.mark.xdist_group("nextjs"),
    pytest.mark.parametrize("task_server", ["service"], indirect=True),
]

ADA = Person("Ada", "ada@example.com")
DOWN = {
    "one-origin": "The server can’t answer just now. Try again in a moment.",
    "cross-origin": "The server can’t be reached. Check your connection and try again.",
}


Starting = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def start(place: Place, task_server: Start | None, tmp_path: Path) -> Starting:
    """Runs the service, with settings, on a database that stays."""
    return partial(running_backend, place, task_server, tmp_path)


def test_signing_in_says_that_the_service_is_down(new_app: NewApp, place: Place) -> None:
    app = new_app()
    app.open("/sign-in")
    app.sign_in(ADA)
    app.announces(DOWN[place.connection])


def test_the_start_page_says_so_and_can_be_tried_again(
    new_app: NewApp, place: Place, start: Starting
) -> None:
    app = new_app()
    with start():
        app.open()
        app.sign_up(ADA)
        app.add("Buy milk")
    app.open()
    app.announces(DOWN[place.connection])
    with start():
        app.try_again()
        app.lists({"Buy milk": False})


def test_a_task_that_was_not_added_stays_in_the_field(
    new_app: NewApp, place: Place, start: Starting
) -> None:
    app = new_app()
    with start():
        app.open()
        app.sign_up(ADA)
        app.lists({})
    app.ask_for("Buy milk")
    app.announces(DOWN[place.connection])
    with start():
        app.press("Enter")
        app.lists({"Buy milk": False})


def test_a_token_that_is_refused_is_replaced(new_app: NewApp, start: Starting) -> None:
    app = new_app()
    with start():
        app.open()
        app.sign_up(ADA)
        app.add("Buy milk")
    with start(BETTER_AUTH_JWT_SECRET="another-one-for-tokens-Vb8Lr2QwZ5mX"):
        app.add("Call Mary")
        app.lists({"Call Mary": False, "Buy milk": False})
        assert app.statuses()[-2:] == [401, 201]
