"""A second factor in the built app: the QR code, and the code at sign-in."""

import time
from pathlib import Path

import pytest

from app.plugins.two_factor.totp import CodeGenerator

from .conftest import NewApp, running_backend
from .place import Place
from .todo_app import Person

pytestmark = [
    pytest.mark.xdist_group("nextjs"),
    pytest.mark.parametrize("task_server", ["service"], indirect=True),
]

DAY = 86400  # seconds of a time step, so that none ends meanwhile
SETTINGS = {
    "BETTER_AUTH_PLUGINS": "two-factor",
    "BETTER_AUTH_TWO_FACTOR_TOTP_OPTIONS_PERIOD": str(DAY),
}


def code_of(key: str, ahead: int = 0) -> str:
    """The code of an app, some time steps later."""
    return CodeGenerator(key).generate_otp(int(time.time()) // DAY + ahead)


def test_sign_in_asks_for_the_code_of_an_app(
    new_app: NewApp, place: Place, ada: Person, tmp_path: Path
) -> None:
    with running_backend(place, None, tmp_path, **SETTINGS):
        app = new_app()
        app.sign_up(ada)
        app.greets(ada)
        key, backup_codes = app.set_up_second_factor(ada)
        app.enable_second_factor("000000x")
        app.announces("Invalid code")
        app.enable_second_factor(code_of(key, -1))
        app.reads("Your second factor is on.")

        app.open()
        app.sign_out()
        app.sign_in(ada)
        app.shows("Enter your code")
        app.enter_code("000000x")
        app.announces("Invalid code")
        app.enter_code(code_of(key))
        app.greets(ada)

        app.sign_out()
        app.sign_in(ada)
        app.shows("Enter your code")
        app.enter_backup_code(backup_codes[0])
        app.greets(ada)
        app.disable_second_factor(ada)

        app.open()
        app.sign_out()
        app.sign_in(ada)
        app.greets(ada)
