"""What `migrate` says of the columns of plugins: of those that are on, off, or not here."""

import pytest

from app.models.additional_fields import read_fields
from app.schema.migrate import check_schema, find_refused, migrate
from app.schema.requirements import Requirements
from app.server.plugins import derive_requirements, read_settings
from tests.support.secret import STRONG_SECRET
from tests.system.original_schema import execute, make_original

pytestmark = pytest.mark.anyio

USER = "BETTER_AUTH_USER_ADDITIONAL_FIELDS="
FLAGS = ("banned", "twoFactorEnabled", "isAnonymous", "phoneNumberVerified")
UNIQUE = 'CREATE UNIQUE INDEX usernames ON "user" (username)'
TEXTS = ("username", "displayUsername", "role", "banReason", "phoneNumber")


def ask(**environ: str) -> Requirements:
    return derive_requirements(
        read_settings({"BETTER_AUTH_SECRET": STRONG_SECRET, **environ}, None)
    )


def add(url: str, table: str, *columns: str) -> list[str]:
    flag = "integer" if url.startswith("sqlite") else "boolean"
    return [
        f'ALTER TABLE "{table}" ADD COLUMN "{name}" {flag if name in FLAGS else "text"}'
        for name in columns
    ]


async def make_full(url: str) -> None:
    time = "date" if url.startswith("sqlite") else "timestamptz"
    await make_original(
        url,
        *add(url, "user", *FLAGS, *TEXTS),
        *add(url, "session", "impersonatedBy", "activeOrganizationId"),
        f'ALTER TABLE "user" ADD COLUMN "banExpires" {time}',
        UNIQUE,
    )


async def test_fields_of_plugins_that_are_on_are_not_among_those_to_set(
    empty_database_url: str,
) -> None:
    await make_full(empty_database_url)
    plugins = "username,admin,two-factor,anonymous,organization"
    lines = await check_schema(empty_database_url, ask(BETTER_AUTH_PLUGINS=plugins))
    (line,) = [line for line in lines if "columns of plugins" in line]
    _, _, value = line.partition(USER)
    assert [field.name for field in read_fields(value)] == ["phoneNumber", "phoneNumberVerified"]
    assert [field.type for field in read_fields(value)] == ["string", "boolean"]
    ask(BETTER_AUTH_PLUGINS=plugins, **{USER.rstrip("="): value})  # a line that can be pasted


async def test_nothing_is_said_if_plugins_serve_every_column(empty_database_url: str) -> None:
    url = empty_database_url
    columns = add(url, "user", "username", "role", "banned", "twoFactorEnabled")
    await make_original(url, *columns, UNIQUE)
    given = ask(BETTER_AUTH_PLUGINS="username,admin,two-factor")
    assert not any("columns of plugins" in line for line in (await migrate(url, given)).lines)


async def test_plugins_that_are_off_are_named_with_their_columns(empty_database_url: str) -> None:
    await make_full(empty_database_url)
    lines = await check_schema(empty_database_url, ask(BETTER_AUTH_PLUGINS="admin"))
    advised = [line.partition("add ")[2] for line in lines if "plugins that are off" in line]
    assert advised == [
        "username, two-factor, anonymous to BETTER_AUTH_PLUGINS",
        "organization to BETTER_AUTH_PLUGINS",
    ]
    (line,) = [line for line in lines if USER in line]
    types = {field.name: field.type for field in read_fields(line.partition(USER)[2])}
    assert types == {
        "username": "string",
        "displayUsername": "string",
        "phoneNumber": "string",
        "phoneNumberVerified": "boolean",
        "isAnonymous": "boolean",
    }


@pytest.mark.parametrize(
    ("column", "plugin", "on", "named"),
    [
        ("banned", "admin", {}, "admin"),
        (
            *("twoFactorEnabled", "two-factor"),
            *({"BETTER_AUTH_PLUGINS": "username"}, "username,two-factor"),
        ),
    ],
)
async def test_who_is_refused_is_told_with_the_remedy_before_and_after(
    empty_database_url: str, column: str, plugin: str, on: dict[str, str], named: str
) -> None:
    url = empty_database_url
    line = (
        f"1 with {column} set: refused at sign-in, because the plugin {plugin} is off here; to"
        f" switch it on, set BETTER_AUTH_PLUGINS={named}"
    )
    yes = "1" if url.startswith("sqlite") else "true"
    await make_original(url, *add(url, "user", column), f'UPDATE "user" SET "{column}" = {yes}')
    assert await find_refused(url, ask(**on)) == [line]
    assert (await migrate(url, ask(**on))).lines[-1] == line
    assert await find_refused(url, ask(**on)) == [line]


async def test_own_database_tells_it_when_the_plugin_is_switched_off(
    empty_database_url: str,
) -> None:
    url = empty_database_url
    assert await find_refused(url, ask(BETTER_AUTH_PLUGINS="two-factor,admin")) == []
    await migrate(url, ask(BETTER_AUTH_PLUGINS="two-factor,admin"))
    yes = "1" if url.startswith("sqlite") else "true"
    await execute(
        url,
        'INSERT INTO "user" (id, name, email, "emailVerified", "createdAt", "updatedAt",'
        f" \"twoFactorEnabled\", banned) VALUES ('a', 'A', 'a@example.com', {yes},"
        f" '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', {yes}, {yes})",
    )
    assert await find_refused(url, ask(BETTER_AUTH_PLUGINS="two-factor,admin")) == []
    both = "BETTER_AUTH_PLUGINS=admin,two-factor"  # one line for `.env`, whichever is pasted
    lines = await find_refused(url, ask())
    assert [line.partition(", set ")[0].partition(" set")[0] for line in lines] == [
        "1 with banned",
        "1 with twoFactorEnabled",
    ]
    assert all(line.endswith(both) for line in lines)
    assert (await migrate(url, ask())).lines[-2:] == tuple(lines)
