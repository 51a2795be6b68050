"""A plugin brings columns, a table, an endpoint, options, a mail and a cookie: both engines."""

import pytest
from sqlalchemy import text

from app.plugins.plugin import AnyPlugin
from app.schema.migrate import check_schema, generate_sql, migrate
from app.schema.requirements import Requirements
from app.schema.state import SchemaError
from app.server.plugins import PLUGINS
from app.settings.environment import SettingsError, read_settings
from app.settings.options import RateLimitOptions
from app.settings.settings import Settings
from app.settings.variables import Variables
from tests.plugins.postcards.plugin import PLUGIN, PostcardOptions, postcards
from tests.plugins.riddle.plugin import PLUGIN as RIDDLE
from tests.support.plugins import plugged, required_by
from tests.support.secret import STRONG_SECRET
from tests.support.service import browser, cookies
from tests.support.smtp import Outgoing
from tests.support.tables import users
from tests.system.original_schema import execute, make_original

pytestmark = pytest.mark.anyio

OPTIONAL: tuple[AnyPlugin, ...] = (PLUGIN, RIDDLE)
BOTH: tuple[AnyPlugin, ...] = (*PLUGINS, *OPTIONAL)


def read(**given: str) -> Settings:
    variables = Variables(BOTH)
    return read_settings({"BETTER_AUTH_SECRET": STRONG_SECRET, **given}, None, variables=variables)


def fault(**given: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(**given)
    (line,) = caught.value.lines
    return line


def required(*, on: bool = True) -> Requirements:
    return required_by(PLUGIN, PostcardOptions() if on else None)


def test_plugin_is_on_where_it_is_named() -> None:
    assert PLUGIN.find_options(read()) is None
    on = read(BETTER_AUTH_PLUGINS="postcards", BETTER_AUTH_POSTCARDS_MAX_LENGTH="5")
    assert PLUGIN.get_options(on) == PostcardOptions(max_length=5)
    assert [field.name for field in on.additional_fields.user] == ["motto"]


def test_unknown_plugin_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(
            {"BETTER_AUTH_SECRET": STRONG_SECRET, "BETTER_AUTH_PLUGINS": "postcards,nonsense"},
            None,
            variables=Variables(OPTIONAL),
        )
    (line,) = caught.value.lines
    assert line == "BETTER_AUTH_PLUGINS: 'nonsense' is no plugin; there are postcards, riddle"


def test_option_of_a_plugin_that_is_off_is_refused() -> None:
    line = fault(BETTER_AUTH_PLUGINS="riddle", BETTER_AUTH_POSTCARDS_GREETING="Hi")
    assert line.startswith("BETTER_AUTH_POSTCARDS_GREETING is an option of the plugin postcards,")


def test_field_of_a_plugin_is_no_name_for_another() -> None:
    field = {"BETTER_AUTH_USER_ADDITIONAL_FIELDS": '{"motto": {"type": "string"}}'}
    read(**field)
    assert fault(BETTER_AUTH_PLUGINS="postcards", **field) == (
        "the plugin postcards has 'motto': remove it from BETTER_AUTH_USER_ADDITIONAL_FIELDS"
    )


def test_cookie_of_a_plugin_has_options_like_every_other() -> None:
    name = {"BETTER_AUTH_ADVANCED_COOKIES": '{"last_postcard": {"name": "lp"}}'}
    read(BETTER_AUTH_PLUGINS="postcards", **name)
    assert "there is no cookie 'last_postcard'" in fault(**name)


async def test_fresh_database_gets_columns_and_table(empty_database_url: str) -> None:
    before = await check_schema(empty_database_url, required())
    assert before[-1].endswith(": would create the table postcard")
    assert 'create table "postcard"' in await generate_sql(empty_database_url, required())
    report = await migrate(empty_database_url, required())
    assert any(line.endswith(": created the table postcard") for line in report.lines)
    assert await check_schema(empty_database_url, required()) == []


async def test_plugin_comes_and_goes_in_a_database_that_is_there(database_url: str) -> None:
    report = await migrate(database_url, required())
    told = [line.rpartition(": ")[2] for line in report.lines]
    assert "added the column motto to the table user" in told
    assert "created the table postcard" in told
    assert await check_schema(database_url, required(on=False)) == []
    assert await check_schema(database_url, required()) == []


async def test_table_that_a_node_server_made_is_adopted(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    time = "date" if empty_database_url.startswith("sqlite") else "timestamptz"
    await execute(
        empty_database_url,
        'create table "postcard" ("id" text not null primary key, "userId" text not null,'
        f' "text" text not null, "stamps" integer not null, "sentAt" {time} not null);'
        ' alter table "user" add column "motto" text;',
    )
    report = await migrate(empty_database_url, required())
    assert not any("postcard" in line or "motto" in line for line in report.lines)
    assert report.state.current


async def test_table_that_is_another_s_is_refused(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    await execute(empty_database_url, 'create table "postcard" ("id" text not null primary key);')
    with pytest.raises(SchemaError, match='"postcard" has no column'):
        await migrate(empty_database_url, required())


async def test_new_user_has_the_fields_and_what_hooks_made_of_them(database_url: str) -> None:
    outbox = Outgoing()
    async with plugged(
        database_url, PLUGIN, PostcardOptions(greeting="Hi"), mailer=outbox
    ) as service:
        answer = await service.sign_up(motto="  onwards ")
        assert list(answer.json()["user"])[-2:] == ["motto", "id"]
        assert answer.json()["user"]["motto"] == "onwards"
        (card,) = await service.rows(postcards)
        assert (card["userId"], card["text"]) == (answer.json()["user"]["id"], "Hi")
        assert [(mail.kind, mail.text) for mail in outbox.messages] == [
            ("postcard", "Welcome, Ada\n")
        ]
        session = (await service.get("/get-session", browser(answer))).json()["session"]
        assert session["mood"] == "merry"
        eve = await service.sign_up("eve@example.com")
        assert (await service.get("/get-session", browser(eve))).json()["session"]["mood"] == "calm"


async def test_hook_refuses_before_anything_is_written(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, PostcardOptions(greeting="Hi")) as service:
        answer = await service.sign_up(motto="far too long a motto for me")
        assert (answer.status, answer.json()["code"]) == (400, "MOTTO_TOO_LONG")
        assert await service.rows(users) == await service.rows(postcards) == []
        ada = await service.sign_up(motto="short")
        long = await service.post("/update-user", {"motto": "x" * 21}, browser(ada))
        assert long.json()["code"] == "MOTTO_TOO_LONG"
        await service.post("/update-user", {"motto": " other "}, browser(ada))
        (row,) = await service.database.read_all(text('SELECT motto FROM "user"'))
        assert row[0] == "other"


async def test_endpoint_writes_mails_and_sets_its_cookie(database_url: str) -> None:
    outbox = Outgoing()
    async with plugged(database_url, PLUGIN, PostcardOptions(), mailer=outbox) as service:
        ada = await service.sign_up()
        assert (await service.post("/postcards/send", {"text": "Hi"})).status == 401
        sent = await service.post("/postcards/send", {"text": "Hi"}, browser(ada))
        assert outbox.messages[-1].html == "<p>Hi</p>\n"
        assert [row["id"] for row in await service.rows(postcards)] == [sent.json()["id"]]
        (line,) = [each for each in sent.header_list("set-cookie") if "last_postcard" in each]
        assert line.startswith("better-auth.last_postcard=Hi.")
        assert "; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax" in line
        both = [("cookie", f"{cookies(ada)}; {line.partition(';')[0]}"), browser(ada)[1]]
        again = await service.post("/postcards/send", {"text": "Hi"}, both)
        assert "; Max-Age=0; " in again.header_list("set-cookie")[-1]


async def test_endpoint_has_a_rate_rule_of_its_own(sqlite_url: str) -> None:
    limit = RateLimitOptions()
    async with plugged(sqlite_url, PLUGIN, PostcardOptions(), rate_limit=limit) as service:
        statuses = [(await service.post("/postcards/send", {"text": "x"})).status for _ in range(3)]
        assert statuses == [401, 401, 429]


async def test_document_has_what_its_hooks_refuse(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, PostcardOptions()) as service:
        paths = (await service.get("/open-api/generate-schema")).json()["paths"]
    for path, is_documented in {
        "/sign-up/email": True,
        "/update-user": True,
        "/sign-in/email": False,
    }.items():
        refused = paths[f"/api/auth{path}"]["post"]["responses"]["400"]
        examples = refused["content"]["application/json"]["examples"]
        assert ("MottoTooLong" in examples) is is_documented
        assert ("MOTTO_TOO_LONG" in refused["description"]) is is_documented
