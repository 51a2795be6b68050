"""The app and the service on two sites: for a browser `127.0.0.1` and `localhost` are that."""

from pathlib import Path

import pytest

from .conftest import NewApp, running_backend
from .place import Connection, Place
from .todo_app import Person

pytestmark = [
    pytest.mark.xdist_group("nextjs"),
    pytest.mark.parametrize("connection", [Connection.CROSS_ORIGIN], indirect=True),
    pytest.mark.parametrize("task_server", ["service"], indirect=True),
]

ADA = Person("Ada", "ada@example.com")
# Browsers take localhost for secure without https.
CROSS_SITE = {
    "BETTER_AUTH_ADVANCED_DEFAULT_COOKIE_ATTRIBUTES_SAME_SITE": "none",
    "BETTER_AUTH_ADVANCED_USE_SECURE_COOKIES": "true",
}
PARTITIONED = {"BETTER_AUTH_ADVANCED_DEFAULT_COOKIE_ATTRIBUTES_PARTITIONED": "true"}


@pytest.fixture
def site(place: Place) -> str:
    """The app's origin on the other site."""
    return f"http://127.0.0.1:{place.app_port}"


def test_a_partitioned_cookie_signs_in(
    new_app: NewApp, place: Place, site: str, tmp_path: Path
) -> None:
    settings = {**CROSS_SITE, **PARTITIONED, "BETTER_AUTH_TRUSTED_ORIGINS": site}
    with running_backend(place, None, tmp_path, **settings):
        app = new_app(site)
        app.sign_up(ADA)
        app.add("Buy milk")
        app.open()
        app.greets(ADA)
        app.lists({"Buy milk": False})


def test_another_one_is_refused_and_the_app_says_so(
    new_app: NewApp, place: Place, site: str, tmp_path: Path
) -> None:
    """Chromium takes no third-party cookies."""
    settings = {**CROSS_SITE, "BETTER_AUTH_TRUSTED_ORIGINS": site}
    with running_backend(place, None, tmp_path, **settings):
        app = new_app(site)
        app.sign_up(ADA)
        app.announces("You are not signed in yet: your browser refused the cookie")
