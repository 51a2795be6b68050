"""`webhooks …`: what is not delivered is found, sent again and given up."""

from pathlib import Path

import pytest

from app.settings.webhooks import decode_webhook_secret
from app.storage.database import Database
from tests.commands.operators.at_work import Operator
from tests.commands.program import run
from tests.support.webhooks import OPTIONS, SECRET, add_event, read_queue

pytestmark = pytest.mark.anyio

_ON = {"WEBHOOK_URL": OPTIONS["webhook_url"], "WEBHOOK_SECRET": SECRET}


@pytest.fixture
async def operator(webhook_database: Database, database_url: str, tmp_path: Path) -> Operator:
    return Operator(tmp_path, database_url, _ON)


async def test_nothing_waits(operator: Operator) -> None:
    done = await operator.run("webhooks", "list")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "Everything is delivered.\n")


async def test_what_waits_is_listed_without_what_it_tells(
    operator: Operator, webhook_database: Database
) -> None:
    first = await add_event(webhook_database, "ada", "user.created")
    second = await add_event(webhook_database, "eve", "user.deleted")
    found = await operator.list("webhooks", "list")
    assert [each["messageId"] for each in found] == [first, second]
    assert [(each["type"], each["userId"]) for each in found] == [
        ("user.created", "ada"),
        ("user.deleted", "eve"),
    ]
    assert found[0].keys().isdisjoint({"body", "data"})
    assert await operator.list("webhooks", "list", "--limit", "1") == found[:1]
    assert await operator.list("webhooks", "list", "--dead") == []


async def test_skipped_event_is_dead_until_it_is_sent_again(
    operator: Operator, webhook_database: Database
) -> None:
    skipped = await add_event(webhook_database)
    await add_event(webhook_database)
    assert await operator.tell("webhooks", "skip", skipped) == "1 webhooks are given up\n"
    (dead,) = await operator.list("webhooks", "list", "--dead")
    assert (dead["messageId"], dead["reason"]) == (skipped, "skipped")
    assert dead["deadAt"] is not None
    assert await operator.find("webhooks", "retry", skipped) == {"count": 1}
    assert await operator.list("webhooks", "list", "--dead") == []


async def test_all_of_them(operator: Operator, webhook_database: Database) -> None:
    for name in ("ada", "eve", "bob"):
        await add_event(webhook_database, name)
    assert await operator.find("webhooks", "skip", "--all") == {"count": 3}
    assert await operator.find("webhooks", "skip", "--all") == {"count": 0}
    assert await operator.find("webhooks", "retry", "--all") == {"count": 3}
    rows = await read_queue(webhook_database)
    assert [row["dead_at"] for row in rows] == [None] * 3


async def test_unknown_id_is_a_failure(operator: Operator, webhook_database: Database) -> None:
    known = await add_event(webhook_database)
    done = await operator.run("webhooks", "retry", known, "msg_unknown")
    assert done.returncode == 1
    assert done.stdout == "1 webhooks are sent again\n"
    assert done.stderr == "1 of these are not there: `webhooks list` shows what is\n"


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("command", ["retry", "skip"])
async def test_ids_or_all_must_be_named(operator: Operator, command: str) -> None:
    for words in ((), ("msg_1", "--all")):
        done = await operator.run("webhooks", command, *words)
        assert done.returncode == 2
        assert "give one of IDS and --all" in done.stderr


@pytest.mark.engines("sqlite")
async def test_webhooks_that_are_off_are_told_in_one_line(sqlite_url: str, tmp_path: Path) -> None:
    done = await Operator(tmp_path, sqlite_url, {}).run("webhooks", "list")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "webhooks are off here: set WEBHOOK_URL (docs/webhooks.md)\n"


def test_secret_can_be_used(tmp_path: Path) -> None:
    done = run(tmp_path, "webhooks", "secret")
    assert done.returncode == 0
    assert len(decode_webhook_secret(done.stdout.strip())) == 32
