"""Who gets to which page of the built app, and what it says to whom it refuses."""

import httpx
import pytest

from .conftest import NewApp
from .place import Place
from .todo_app import Person, TodoApp

pytestmark = [
    pytest.mark.usefixtures("backend"),
    pytest.mark.xdist_group("nextjs"),
    pytest.mark.parametrize("task_server", ["service"], indirect=True),
]


def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(new_app: NewApp) -> None:
    new_app().shows("Sign in")


def test_a_session_that_ended_elsewhere_leads_to_the_sign_in_page(
    app: TodoApp, place: Place, ada: Person
) -> None:
    app.lists({})
    with httpx.Client(base_url=f"{place.api}/api/auth", headers={"origin": place.app}) as elsewhere:
        elsewhere.post("/sign-in/email", json={"email": ada.email, "password": ada.password})
        elsewhere.post("/revoke-other-sessions").raise_for_status()
    app.open()
    app.shows("Sign in")


def test_who_is_signed_in_finds_no_sign_in_page(app: TodoApp, ada: Person) -> None:
    app.open("/sign-in")
    app.greets(ada)


def test_no_second_factor_is_offered_where_the_service_has_none(app: TodoApp) -> None:
    app.lists({})
    assert not app.offers_second_factor()


def test_a_wrong_password_is_announced_and_the_address_stays(new_app: NewApp, ada: Person) -> None:
    app = new_app()
    app.sign_in(ada)
    app.announces("Invalid email or password")
    assert app.email() == ada.email


def test_an_address_that_is_taken_is_announced(app: TodoApp, new_app: NewApp, ada: Person) -> None:
    other = new_app()
    other.sign_up(ada)
    other.announces("User already exists. Use another email.")
