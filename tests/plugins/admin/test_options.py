"""The options of the plugin, its columns, and what it refuses to start with."""

import pytest

from app.plugins.admin.options import AdminOptions
from app.plugins.admin.plugin import PLUGIN
from app.schema.migrate import migrate
from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from tests.plugins.admin.people import ADMIN, BOB, OPTIONS, find, id_of, sign_up_admin
from tests.support.plugins import plugged, required_by
from tests.support.secret import STRONG_SECRET
from tests.support.service import browser, serving
from tests.system.original_schema import execute, make_original

pytestmark = pytest.mark.anyio


def read(**variables: str) -> AdminOptions:
    given = {f"BETTER_AUTH_ADMIN_{name}": value for name, value in variables.items()}
    on = {"BETTER_AUTH_SECRET": STRONG_SECRET, "BETTER_AUTH_PLUGINS": "admin"}
    return PLUGIN.get_options(read_settings({**on, **given}, None))


def fault(**variables: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(**variables)
    (line,) = caught.value.lines
    return line


def test_options_are_read_from_variables() -> None:
    options = read(
        ADMIN_ROLES="owner,admin",
        ROLES='{"owner": {"user": ["list"]}, "admin": {}}',
        AC='{"user": ["list"]}',
        SCHEMA_USER_FIELDS='{"role": "position"}',
        BANNED_USER_MESSAGE="Sorry, no",
    )
    assert options.roles == {"owner": {"user": ("list",)}, "admin": {}}
    assert options.admin_roles == ("owner", "admin")
    assert options.schema.user.fields == {"role": "position"}
    assert options.banned_user_message == "Sorry, no"


@pytest.mark.parametrize(
    ("variables", "begin"),
    [
        ({"ADMIN_ROLES": "owner"}, "BETTER_AUTH_ADMIN_ADMIN_ROLES names owner, which"),
        (
            {"ROLES": '{"admin": {"user": ["lsit"]}}', "AC": '{"user": ["list"]}'},
            "BETTER_AUTH_ADMIN_ROLES gives admin the action 'lsit' on 'user', which",
        ),
        ({"ROLES": '{"owner": {}}'}, "BETTER_AUTH_ADMIN_ADMIN_ROLES names admin, which"),
        (
            {"ROLES": '{"admin": {"user": ["lst"]}}'},
            "BETTER_AUTH_ADMIN_ROLES gives admin the action 'lst' on 'user', which",
        ),
        (
            {"ROLES": '{"admin": {}}', "DEFAULT_ROLE": "editor"},
            "BETTER_AUTH_ADMIN_DEFAULT_ROLE names editor, which",
        ),
        (
            {"ADMIN_USER_IDS": "ada@example.com"},
            "BETTER_AUTH_ADMIN_ADMIN_USER_IDS: 'ada@example.com' is an address",
        ),
        (
            {"SCHEMA_USER_FIELDS": '{"rolle": "x"}'},
            "BETTER_AUTH_ADMIN_SCHEMA_USER_FIELDS: 'rolle' is not one of",
        ),
        (
            {"SCHEMA_USER_FIELDS": '{"role": "name"}'},  # everybody could be an administrator
            "BETTER_AUTH_ADMIN_SCHEMA_…: 'role' has the column 'name' of another field of user:",
        ),
        (
            {"SCHEMA_USER_FIELDS": '{"role": "Banned"}'},
            "BETTER_AUTH_ADMIN_SCHEMA_…: 'banned' has the column 'banned' of another field",
        ),
        (
            {"SCHEMA_SESSION_FIELDS": '{"impersonatedBy": "userId"}'},
            "BETTER_AUTH_ADMIN_SCHEMA_…: 'impersonatedBy' has the column 'userId' of another",
        ),
        ({"ROLES": "admin"}, "BETTER_AUTH_ADMIN_ROLES must be JSON such as"),
        ({"DEFAULT_BAN_EXPIRES_IN": "0"}, "BETTER_AUTH_ADMIN_DEFAULT_BAN_EXPIRES_IN must be"),
    ],
)
def test_options_that_contradict_are_refused(variables: dict[str, str], begin: str) -> None:
    assert fault(**variables).startswith(begin)


@pytest.mark.parametrize(
    "variables",
    [
        {"ROLES": '{"owner": {"user": ["list"]}}', "ADMIN_ROLES": "owner"},
        {"ROLES": '{"editor": {"project": ["share"]}}', "ADMIN_USER_IDS": "ida"},
        {"ROLES": '{"admin": {"user": ["impersonate-admins"], "project": ["share"]}}'},
        {"ROLES": '{"admin": {}, "editor": {}}', "DEFAULT_ROLE": "editor"},
        {"ROLES": '{"admin": {"user": ["praise"]}}', "AC": '{"user": ["praise"]}'},
        {"DEFAULT_ROLE": "customer"},  # without ROLES every name is one
    ],
)
def test_options_that_can_work_are_taken(variables: dict[str, str]) -> None:
    read(**variables)


async def test_user_without_a_role_has_the_default_role(sqlite_url: str) -> None:
    options = AdminOptions(default_role="admin")
    async with plugged(sqlite_url, PLUGIN, options) as service:
        up = await service.sign_up()
        assert up.json()["user"]["role"] == "admin"
        await service.execute('UPDATE "user" SET role = NULL')
        assert (await service.get("/admin/list-users", browser(up))).status == 200


async def test_columns_have_the_names_of_the_options(sqlite_url: str) -> None:
    options = read(SCHEMA_USER_FIELDS='{"role": "position", "banned": "is_banned"}')
    async with plugged(sqlite_url, PLUGIN, options) as service:
        await service.sign_up(ADMIN)
        await service.execute("UPDATE \"user\" SET position = 'admin'")
        admin_row = await find(service, ADMIN)
        assert (admin_row["position"], admin_row["is_banned"]) == ("admin", 0)


async def test_columns_of_a_node_server_are_taken(empty_database_url: str) -> None:
    """Also under the names that Drizzle gives them."""
    url = empty_database_url
    await make_original(url)
    is_sqlite = url.startswith("sqlite")
    flag, time = ("integer", "date") if is_sqlite else ("boolean", "timestamptz")
    for table, column, kind in (
        ("user", "role", "text"),
        ("user", "banned", flag),
        ("user", "ban_reason", "text"),
        ("user", "ban_expires", time),
        ("session", "impersonated_by", "text"),
    ):
        await execute(url, f'ALTER TABLE "{table}" ADD COLUMN "{column}" {kind}')
    await migrate(url)
    async with plugged(url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        bob = id_of(await service.sign_up(BOB))
        body = {"userId": bob, "banReason": "Spam", "banExpiresIn": 3600}
        assert (await service.post("/admin/ban-user", body, admin)).status == 200
        row = await find(service, BOB)
        assert (bool(row["banned"]), row["ban_reason"]) == (True, "Spam")
        assert row["ban_expires"] is not None
        assert "banReason" not in row
        assert (await service.sign_in(BOB)).json()["code"] == "BANNED_USER"
        await service.post("/admin/unban-user", {"userId": bob}, admin)
        impersonated = await service.post("/admin/impersonate-user", {"userId": bob}, admin)
        assert impersonated.status == 200


async def test_bans_refuse_as_before_where_the_plugin_is_off(database_url: str) -> None:
    await migrate(database_url, required_by(PLUGIN, OPTIONS))
    async with serving(database_url) as service:
        await service.sign_up()
        is_sqlite = database_url.startswith("sqlite")
        past = "'2020-01-01T00:00:00.000Z'"
        yes = "1" if is_sqlite else "true"
        await service.execute(f'UPDATE "user" SET banned = {yes}, "banExpires" = {past}')
        refused = await service.sign_in()
        assert (refused.status, refused.json()["message"]) == (403, "This user is banned")
        assert (await service.get("/admin/list-users")).status == 404
