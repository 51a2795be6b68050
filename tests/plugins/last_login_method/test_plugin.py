from typing import Any

import pytest
from sqlalchemy import text

from app.plugins.last_login_method.plugin import (
    PLUGIN,
    LastLoginMethodOptions,
    SchemaOptions,
    UserSchemaOptions,
)
from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from tests.plugins.two_factor import person as two_factor
from tests.support.asgi import Answer
from tests.support.plugins import plugged, plugged_together
from tests.support.secret import STRONG_SECRET
from tests.support.service import browser

pytestmark = pytest.mark.anyio

STORED = LastLoginMethodOptions(store_in_database=True)


def cookies(answer: Answer) -> list[str]:
    """The cookies of the plugin in an answer."""
    return [line for line in answer.header_list("set-cookie") if "last_used" in line]


async def test_sign_in_gives_a_cookie_that_scripts_can_read(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, LastLoginMethodOptions()) as service:
        up = await service.sign_up()
        in_ = await service.sign_in()
    expected = "better-auth.last_used_login_method=email; Max-Age=2592000; Path=/; SameSite=Lax"
    assert cookies(up) == cookies(in_) == [expected]


async def test_refused_sign_in_gives_none(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, LastLoginMethodOptions()) as service:
        await service.sign_up()
        assert cookies(await service.sign_in(password="wrong password")) == []


async def test_method_is_kept_in_the_user(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, STORED) as service:
        up = await service.sign_up()
        assert up.json()["user"]["lastLoginMethod"] == "email"
        await service.execute('UPDATE "user" SET "lastLoginMethod" = :other', other="magic-link")
        session = browser(await service.sign_in())
        found: Any = (await service.get("/get-session", session)).json()
    assert found["user"]["lastLoginMethod"] == "email"


async def test_right_password_counts_before_the_second_factor(database_url: str) -> None:
    async with plugged_together(database_url, two_factor.OPTIONS, STORED) as service:
        ada = two_factor.Person(service)
        await ada.sign_up()
        await ada.enable()
        await service.execute('UPDATE "user" SET "lastLoginMethod" = :other', other="magic-link")
        wrong = await ada.sign_in(password="wrong password")
        asked = await ada.sign_in()
        solved = await ada.post("/two-factor/verify-totp", code=ada.code())
        assert (len(cookies(wrong)), len(cookies(asked)), len(cookies(solved))) == (0, 1, 0)
        assert asked.json()["twoFactorRedirect"] is True
        assert (await ada.get_session())["user"]["lastLoginMethod"] == "email"


async def test_nobody_can_set_it(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, STORED) as service:
        session = browser(await service.sign_up())
        answer = await service.post("/update-user", {"lastLoginMethod": "mine"}, session)
    assert answer.status == 400


async def test_column_has_the_name_of_the_option(sqlite_url: str) -> None:
    schema = SchemaOptions(user=UserSchemaOptions(last_login_method="how"))
    options = LastLoginMethodOptions(store_in_database=True, schema=schema)
    async with plugged(sqlite_url, PLUGIN, options) as service:
        await service.sign_up()
        rows = await service.database.read_all(text('SELECT how FROM "user"'))
    assert [tuple(row) for row in rows] == [("email",)]


async def test_session_stands_where_the_method_cannot_be_stored(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, STORED) as service:
        await service.execute(
            "CREATE TRIGGER no BEFORE UPDATE ON \"user\" BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        session = browser(await service.sign_up())
        assert (await service.get("/get-session", session)).json() is not None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a b; c", "must be letters"),
        ("better-auth.session_token", "is the name of another cookie"),
    ],
)
def test_unusable_name_of_the_cookie_is_refused(name: str, says: str) -> None:
    variable = "BETTER_AUTH_LAST_LOGIN_METHOD_COOKIE_NAME"
    environ = {
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        "BETTER_AUTH_PLUGINS": "last-login-method",
        variable: name,
    }
    with pytest.raises(SettingsError, match=f"^{variable}.* {says}"):
        read_settings(environ)
