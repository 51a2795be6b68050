"""kill -9 under load: the event of every stored user arrives, in order for each user."""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.storage.database import open_database
from tests.support.webhooks import SECRET, Received, Receiver, Reply, receiving

from .site import LOAD, Load, Site, until

ROUNDS = int(os.environ.get("ROUNDS", "2"))
ORDER = ["user.created", "session.created"]


class SignUps(Load):
    """People who sign up, and nothing else."""

    def list_steps(self, token: str) -> list[Callable[[], None]]:
        return [self._sign_up] * 3


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One that refuses some events at first, and is slow with others."""
    refused = set[str]()

    def reply(received: Received) -> Reply:
        end = received.id[-1]
        if end in "abcdef" and received.id not in refused:
            refused.add(received.id)
            return Reply(500)
        return Reply(seconds=0.05 if end in "xyz" else 0)

    with receiving() as made:
        made.reply = reply
        yield made


@pytest.fixture
def sites(
    request: pytest.FixtureRequest, tmp_path: Path, receiver: Receiver
) -> Iterator[list[Site]]:
    """`request.param` are a fixture with the URL of a database, and how many services use it."""
    fixture, count = request.param
    url, made = request.getfixturevalue(fixture), list[Site]()
    for number in range(count):
        folder = tmp_path / str(number)
        folder.mkdir()
        settings = {"WEBHOOK_URL": receiver.url, "WEBHOOK_SECRET": SECRET}
        site = Site(url, folder, WEBHOOK_ALLOW_PRIVATE="true", **settings)
        site.cheap_hashes = True
        site.start()
        made.append(site)
    yield made
    for site in made:
        site.end()


@pytest.mark.parametrize("sites", [("sqlite_url", 1), ("postgres_url", 2)], indirect=True)
def test_every_event_arrives_in_order(sites: list[Site], receiver: Receiver) -> None:
    loads = [SignUps(site) for site in sites]
    for done in range(ROUNDS):
        killed = sites[done % len(sites)]
        with loads[done % len(sites)].running():
            time.sleep(LOAD)
            killed.kill()
        killed.start()
    url = sites[0].database_url
    until(lambda: asyncio.run(read_all(url, "SELECT id FROM better_auth_webhooks")) == [])
    stored = asyncio.run(read_all(url, 'SELECT id FROM "user"'))
    told = list_first_arrivals(receiver)
    assert len(stored) > ROUNDS
    assert {user_id for (user_id,) in stored} == told.keys()
    assert [types for types in told.values() if types != ORDER] == []


def list_first_arrivals(receiver: Receiver) -> dict[str, list[str]]:
    """The types of the events of each user, in the order in which they were first accepted."""
    told, seen = defaultdict[str, list[str]](list), set[str]()
    for each in receiver.accepted:
        if each.id not in seen:
            seen.add(each.id)
            data = each.event["data"]
            user_id = data["user"]["id"] if "user" in data else data["session"]["userId"]
            told[user_id].append(each.event["type"])
    return told


async def read_all(url: str, statement: str) -> list[tuple[object, ...]]:
    database = await open_database(url)
    try:
        return [tuple(row) for row in await database.read_all(text(statement))]
    finally:
        await database.close()
