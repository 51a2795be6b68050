"""Tasks in the built Next.js app, in a real browser, over one origin and cross origin."""

import httpx
import pytest

from .conftest import NewApp
from .place import Connection, Place
from .todo_app import Person, TodoApp

pytestmark = [pytest.mark.usefixtures("backend"), pytest.mark.xdist_group("nextjs")]

# For what the page does by itself: each connection and each task server once, not all four pairs.
of_the_page = pytest.mark.parametrize(
    ("connection", "task_server"),
    [(Connection.ONE_ORIGIN, "service"), (Connection.CROSS_ORIGIN, "fastapi")],
    indirect=True,
)


def test_tasks_are_there_after_signing_out_and_in(app: TodoApp, ada: Person) -> None:
    app.add("Buy milk")
    app.add("Write to Charles")
    app.tick("Buy milk")
    app.lists({"Write to Charles": False, "Buy milk": True})
    app.sign_out()
    app.sign_in(ada)
    app.lists({"Write to Charles": False, "Buy milk": True})


@of_the_page
def test_who_comes_back_is_still_signed_in(app: TodoApp, ada: Person) -> None:
    app.add("Buy milk")
    app.open()
    app.greets(ada)
    app.lists({"Buy milk": False})


@of_the_page
def test_a_ticked_task_can_be_opened_again(app: TodoApp) -> None:
    app.add("Buy milk")
    app.tick("Buy milk")
    app.lists({"Buy milk": True})
    app.tick("Buy milk")
    app.lists({"Buy milk": False})
    app.open()
    app.lists({"Buy milk": False})


@of_the_page
def test_a_deleted_task_is_gone_for_good(app: TodoApp) -> None:
    app.add("Buy milk")
    app.add("Write to Charles")
    app.delete("Buy milk")
    app.lists({"Write to Charles": False})
    app.open()
    app.lists({"Write to Charles": False})


@of_the_page
def test_a_second_person_does_not_see_the_tasks_of_the_first(
    app: TodoApp, new_app: NewApp, bob: Person
) -> None:
    app.add("Buy milk")
    other = new_app()
    other.sign_up(bob)
    other.lists({})


@of_the_page
def test_people_who_share_a_browser_see_their_own_tasks(app: TodoApp, bob: Person) -> None:
    app.add("Buy milk")
    app.sign_out()
    app.sign_up(bob)
    app.greets(bob)
    app.lists({})


def test_a_copied_token_opens_no_other_path(app: TodoApp, new_app: NewApp, bob: Person) -> None:
    app.lists({})
    other = new_app()
    other.sign_up(bob)
    other.lists({})
    path, token = app.asked[0].url, {"authorization": app.asked[0].headers["authorization"]}
    assert httpx.get(path, headers=token).status_code == 200
    assert httpx.get(other.asked[0].url, headers=token).status_code == 403


def test_tasks_are_asked_where_the_settings_say(app: TodoApp, place: Place) -> None:
    app.lists({})
    assert app.asked[0].url.startswith(f"{place.app if place.is_one_origin else place.tasks}/api/")


@of_the_page
def test_the_keyboard_is_enough(app: TodoApp) -> None:
    app.add("Buy milk")
    app.press("Tab", "Tab", "Space")
    app.lists({"Buy milk": True})
    app.press("Tab", "Enter")
    app.lists({})
    app.press("A", "Enter")  # the field has the focus again
    app.lists({"A": False})
