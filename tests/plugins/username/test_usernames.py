"""Who has which username: new users, changed users, and two at one time."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from app.models.clock import now
from app.plugins.username.errors import UsernameTaken, UsernameTooShort
from app.plugins.username.options import UsernameOptions
from app.plugins.username.plugin import PLUGIN
from app.plugins.username.usernames import get_username
from app.schema.state import inspect_schema
from app.server.container import Container
from app.server.plugins import derive_requirements, read_settings
from app.server.resources import Resources
from app.settings.environment import SettingsError
from tests.support.asgi import Answer
from tests.support.plugins import plugged
from tests.support.secret import STRONG_SECRET
from tests.support.service import Service, browser, serving
from tests.support.tables import users

pytestmark = pytest.mark.anyio


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with plugged(sqlite_url, PLUGIN, UsernameOptions()) as service:
        yield service


async def update(service: Service, up: Answer, **fields: object) -> Answer:
    return await service.post("/update-user", fields, browser(up))


async def test_refused_username_makes_no_user(service: Service) -> None:
    await service.sign_up(username="ada_1")
    before = await service.rows(users)
    for username, code in (("ab", "TOO_SHORT"), ("a" * 31, "TOO_LONG"), ("ADA_1", "ALREADY")):
        answer = await service.sign_up("b@example.com", username=username)
        assert (answer.status, code in answer.json()["code"]) == (400, True)
    assert await service.rows(users) == before


async def test_username_is_refused_before_anything_else_is_said(service: Service) -> None:
    answer = await service.post("/sign-up/email", {"username": "ab"})
    assert answer.json()["code"] == "USERNAME_TOO_SHORT"
    answer = await service.post("/update-user", {"username": "ab"})
    assert answer.json()["code"] == "USERNAME_TOO_SHORT"


async def test_refused_change_writes_nothing(service: Service) -> None:
    await service.sign_up(username="ada_1")
    eve = await service.sign_up("eve@example.com", username="eve_1")
    before = await service.rows(users)
    assert (await update(service, eve, username="Ada_1", name="X")).status == 400
    assert await service.rows(users) == before


async def test_immutable_username_can_be_set_once(sqlite_url: str) -> None:
    options = UsernameOptions(immutable_username=True)
    async with plugged(sqlite_url, PLUGIN, options) as service:
        ada = await service.sign_up()
        statuses = [
            (await update(service, ada, username=username)).status
            for username in ("ada_1", "ADA_1", "ada_2", None)
        ]
    assert statuses == [200, 200, 400, 400]


@pytest.mark.parametrize("change", [False, True])
async def test_one_of_two_gets_a_username(database_url: str, change: bool) -> None:
    async with (
        plugged(database_url, PLUGIN, UsernameOptions()) as one,
        serving(database_url, plugins=one.settings.plugins) as other,
    ):
        for number in range(4):
            emails = (f"a{number}@example.com", f"b{number}@example.com")
            if change:
                ups = [await one.sign_up(email) for email in emails]
                tries = [
                    update(service, up, username=f"name_{number}")
                    for service, up in zip((one, other), ups, strict=True)
                ]
            else:
                tries = [
                    service.sign_up(email, username=f"name_{number}")
                    for service, email in zip((one, other), emails, strict=True)
                ]
            answers = await asyncio.gather(*tries)
            assert sorted(answer.status for answer in answers) in ([200, 400], [200, 422])
            names = await list_usernames(one)
            assert names.count(f"name_{number}") == 1


async def list_usernames(service: Service) -> list[str]:
    rows = await service.database.read_all(text('SELECT username FROM "user"'))
    return [row[0] for row in rows]


async def test_username_of_a_user_whom_nobody_signed_up_is_checked(service: Service) -> None:
    await service.sign_up(username="ada_1")
    schema = await inspect_schema(service.database, derive_requirements(service.settings))
    creation = Container(service.settings, Resources(service.database), schema).user_creation
    new = {"name": "Eve", "email": "eve@example.com"}
    for username, refusal in (("ab", UsernameTooShort), ("ADA_1", UsernameTaken)):
        with pytest.raises(refusal):
            await creation.prepare({**new, "username": username}, now())
    eve = await creation.prepare({**new, "username": "Eve_1"}, now())
    assert get_username(eve.user) == "eve_1"


def test_lengths_that_no_name_has_are_a_fault() -> None:
    environ = {
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        "BETTER_AUTH_PLUGINS": "username",
        "BETTER_AUTH_USERNAME_MIN_USERNAME_LENGTH": "31",
    }
    with pytest.raises(SettingsError) as caught:
        read_settings(environ, None)
    (line,) = caught.value.lines
    assert line == (
        "BETTER_AUTH_USERNAME_MIN_USERNAME_LENGTH must not be greater than"
        " BETTER_AUTH_USERNAME_MAX_USERNAME_LENGTH"
    )
