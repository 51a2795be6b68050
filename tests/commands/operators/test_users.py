"""`users …`: one person is found, created, changed, disabled, exported and deleted."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Select, select

from app.plugins.admin.options import AdminOptions
from app.storage.redis import RedisStorage
from tests.commands.operators.at_work import Operator, working
from tests.commands.program import SECRET
from tests.plugins.admin.people import set_columns
from tests.support.plugins import plugged_together
from tests.support.service import EMAIL, PASSWORD, browser
from tests.support.tables import accounts, sessions, users, verifications

pytestmark = pytest.mark.anyio

NEW = "a better horse"


async def test_users_are_listed_in_parts(database_url: str, tmp_path: Path) -> None:
    async with working(database_url, tmp_path) as (service, operator):
        for name in ("ada", "bob", "eve"):
            await service.sign_up(f"{name}@example.com")
        everybody = await operator.list("users", "list")
        assert sorted(each["email"] for each in everybody) == [
            *("ada@example.com", "bob@example.com", "eve@example.com")
        ]
        first = await operator.run("users", "list", "--limit", "2", "--json")
        two = [json.loads(line) for line in first.stdout.splitlines()]
        assert first.stderr == f"There may be more: add --after {two[1]['id']}, or --all.\n"
        rest = await operator.list("users", "list", "--after", two[1]["id"])
        assert [*two, *rest] == everybody
        (bob,) = await operator.list("users", "list", "--email-contains", "BOB@")
        assert bob["email"] == "bob@example.com"
        assert await operator.list("users", "list", "--email-contains", "%") == []
        table = await operator.tell("users", "list", "--all")
        assert table.splitlines()[0].split() == [
            *("ID", "EMAIL", "NAME", "VERIFIED", "DISABLED", "CREATED", "AT")
        ]


async def test_user_is_shown(database_url: str, tmp_path: Path) -> None:
    async with working(database_url, tmp_path) as (service, operator):
        ada = (await service.sign_up()).json()["user"]
        shown = await operator.find("users", "show", "--email", "ADA@example.com")
        assert shown["id"] == ada["id"]
        assert (shown["providers"], shown["hasPassword"], shown["sessions"]) == (
            ["credential"],
            True,
            1,
        )
        assert shown["disabledAt"] is None
        by_id = await operator.tell("users", "show", "--id", ada["id"])
        assert f"id                {ada['id']}" in by_id


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--email", "nobody@example.com"), "there is no user with this address\n"),
        (("--id", "x\x01"), "there is no user with this id\n"),
    ],
)
async def test_nobody_is_one_line(
    sqlite_url: str, tmp_path: Path, words: tuple[str, str], said: str
) -> None:
    async with working(sqlite_url, tmp_path) as (_, operator):
        commands = ("show", "verify", "disable", "enable", "delete", "export")
        for command in commands:
            done = await operator.run("users", command, *words)
            assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


async def test_created_user_signs_in(database_url: str, tmp_path: Path) -> None:
    async with working(database_url, tmp_path) as (service, operator):
        words = ("users", "create", "--email", "Ada@Example.com", "--name", "Ada", "--verified")
        made = await operator.find(*words)
        assert made["email"] == EMAIL
        assert (made["verified"], made["hasPassword"]) == (True, False)
        assert (await service.sign_in()).status == 401
        again = await operator.run(*words)
        assert (again.returncode, again.stderr) == (
            1,
            "User already exists. Use another email.\n",
        )
        bad = await operator.run("users", "create", "--email", "ada", "--name", "Ada")
        assert (bad.returncode, bad.stderr) == (1, "Invalid email\n")


async def test_password_comes_from_standard_input_alone(database_url: str, tmp_path: Path) -> None:
    async with working(database_url, tmp_path) as (service, operator):
        make = ("users", "create", "--email", EMAIL, "--name", "Ada", "--password-stdin")
        made = await operator.type(PASSWORD, *make)
        assert made.returncode == 0, made.stderr
        assert PASSWORD not in made.stdout + made.stderr
        ada = await service.sign_in()
        to = ("users", "set-password", "--email", EMAIL)
        none = await operator.run(*to)
        assert (none.returncode, none.stdout, len(none.stderr.splitlines())) == (2, "", 1)
        assert "--password-stdin" in none.stderr
        short = await operator.type("short", *to, "--password-stdin")
        said = "Password too short: at least 8 characters\n"
        assert (short.returncode, short.stderr) == (1, said)
        long = await operator.type("x" * 129, *to, "--password-stdin")
        assert long.stderr == "Password too long: at most 128 characters\n"
        empty = await operator.type("", *to, "--password-stdin")
        assert (empty.returncode, empty.stderr) == (
            2,
            "the password is empty: nothing was changed\n",
        )
        done = await operator.type(NEW, *to, "--password-stdin")
        assert done.stdout == "The password is set, and 1 session ended\n"
        assert (await service.get("/get-session", browser(ada))).json() is None
        assert (await service.sign_in()).status == 401
        assert (await service.sign_in(password=NEW)).status == 200


async def test_verified_address_is_told(sqlite_url: str, tmp_path: Path) -> None:
    async with working(sqlite_url, tmp_path) as (service, operator):
        await service.sign_up()
        assert await operator.tell("users", "verify", "--email", EMAIL) == (
            "The address is verified\n"
        )
        again = await operator.tell("users", "verify", "--email", EMAIL)
        assert again == "The address was verified already\n"
        (row,) = await service.rows(users)
        assert row["emailVerified"]


async def test_user_is_disabled_and_enabled(database_url: str, tmp_path: Path) -> None:
    async with working(database_url, tmp_path) as (service, operator):
        ada = await service.sign_up()
        user_id = ada.json()["user"]["id"]
        off = ("users", "disable", "--email", EMAIL, "--reason", "Left")
        assert await operator.tell(*off) == f"{user_id} is disabled, and 1 session ended\n"
        assert (await service.get("/get-session", browser(ada))).json() is None
        assert (await service.sign_in()).json()["code"] == "USER_DISABLED"
        shown = await operator.find("users", "show", "--email", EMAIL)
        assert (shown["disabledReason"], shown["sessions"]) == ("Left", 0)
        told = [each["event"] for each in await operator.list("audit", "list", "--id", user_id)]
        assert {"disabled", "sessions_revoked", "sign_in_failed"} <= set(told)
        again = await operator.find(*off)
        assert (again["wasDisabled"], again["endedSessions"]) == (True, 0)
        on = ("users", "enable", "--id", user_id)
        assert await operator.tell(*on) == f"{user_id} may sign in again\n"
        assert await operator.tell(*on) == f"{user_id} was not disabled\n"
        assert (await service.sign_in()).status == 200


async def test_reason_of_a_ban_cannot_command_a_terminal(sqlite_url: str, tmp_path: Path) -> None:
    async with plugged_together(sqlite_url, AdminOptions(), secret=SECRET) as service:
        await service.sign_up()
        await set_columns(service, EMAIL, banned=1, banReason="\x1b[2J\x9b2J")
        operator = Operator(tmp_path, sqlite_url, {"BETTER_AUTH_PLUGINS": "admin"})
        done = await operator.run("users", "enable", "--email", EMAIL)
        assert "\\u001b[2J\\u009b2J" in done.stderr


async def test_export_has_everything_and_no_secret(database_url: str, tmp_path: Path) -> None:
    async with working(database_url, tmp_path) as (service, operator):
        ada = await service.sign_up()
        token = ada.json()["token"]
        await service.sign_up("bob@example.com")
        text = await operator.tell("users", "export", "--email", EMAIL)
        data = json.loads(text)
        assert data["user"]["email"] == EMAIL
        assert [each["hasPassword"] for each in data["accounts"]] == [True]
        assert len(data["sessions"]) == 1
        (hashed,) = await service.database.read_all(_select_hash(ada.json()["user"]["id"]))
        events = [each["event"] for each in data["better_auth_audit"]]
        assert events == ["signed_up"]
        told = await operator.list("audit", "list", "--email", EMAIL)
        assert [(each["event"], each["actor"]) for each in told] == [
            ("user_exported", "operator"),
            ("signed_up", "user"),
        ]
        for secret in (token, hashed[0], "bob@"):
            assert secret not in text


def _select_hash(user_id: str) -> Select[tuple[str]]:
    return select(accounts.c.password).where(accounts.c.userId == user_id)


async def test_deletion_asks_first(database_url: str, tmp_path: Path) -> None:
    async with working(database_url, tmp_path) as (service, operator):
        ada = await service.sign_up()
        await service.sign_up("bob@example.com")
        words = ("users", "delete", "--email", EMAIL)
        asked = await operator.run(*words)
        assert asked.returncode == 0
        assert "would be deleted: accounts 1, sessions 1" in asked.stdout
        assert asked.stderr == "Nothing was deleted: add --yes to do it. It cannot be undone.\n"
        assert (await service.get("/get-session", browser(ada))).json() is not None
        assert (await operator.find(*words, "--yes"))["deleted"] is True
        assert (await service.get("/get-session", browser(ada))).json() is None
        (left,) = await service.rows(users)
        assert left["email"] == "bob@example.com"
        assert len(await service.rows(sessions)) == 1
        assert await service.rows(verifications) == []


async def test_without_redis_users_are_listed_and_disabled(sqlite_url: str, tmp_path: Path) -> None:
    async with working(sqlite_url, tmp_path) as (service, operator):
        ada = (await service.sign_up()).json()["user"]
        away = {"REDIS_URL": "redis://127.0.0.1:1/0"}
        listed = await operator.run("users", "list", "--json", **away)
        assert json.loads(listed.stdout)["id"] == ada["id"]
        words = ("users", "disable", "--email", EMAIL)
        half = await operator.run(*words, **away)
        assert (half.returncode, half.stdout) == (1, "")
        begin = f"{ada['id']} is disabled, but may have sessions left: Redis cannot be used: "
        assert half.stderr.startswith(begin)
        assert half.stderr.endswith("; then run this again to end them\n")
        assert (await service.sign_in()).json()["code"] == "USER_DISABLED"
        assert "was disabled already, and 1 session ended" in await operator.tell(*words)


async def test_sessions_in_redis_go_with_the_user(
    sqlite_url: str, redis_url: str, storage: RedisStorage, tmp_path: Path
) -> None:
    given = {"REDIS_URL": redis_url, "REDIS_KEY_PREFIX": "none"}
    async with working(sqlite_url, tmp_path, given, storage=storage) as (service, operator):
        ada = await service.sign_up()
        assert (await operator.find("users", "show", "--email", EMAIL))["sessions"] == 1
        await operator.tell("users", "delete", "--email", EMAIL, "--yes")
        assert (await service.get("/get-session", browser(ada))).json() is None
