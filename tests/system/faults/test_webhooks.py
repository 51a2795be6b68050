"""kill -9 under load: the event of every stored user arrives, in order for each user."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.storage.database import open_database
from tests.support.webhooks import SECRET, Received, Receiver, Reply, receiving

from .site import SECONDS, Load, Site

ROUNDS = int(os.environ.get("ROUNDS", "2"))
_WAITS = "SELECT id FROM better_auth_webhooks LIMIT 1"
ORDER = ["user.created", "session.created"]


class SignUps(Load):
    """People who sign up, and nothing else."""

    def list_steps(self, token: str) -> list[Callable[[], None]]:
        return [self._sign_up] * 3

    def has_begun(self) -> bool:
        return bool(self.people)


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
        site.changes = ["cheap hashes", "short waits"]
        site.start()
        made.append(site)
    yield made
    for site in made:
        site.end()


@pytest.mark.parametrize("sites", [("sqlite_url", 1), ("postgres_url", 2)], indirect=True)
def test_every_event_arrives_in_order(sites: list[Site], receiver: Receiver) -> None:
    loads = [SignUps(site) for site in sites]
    for done in range(ROUNDS):
        killed, load = sites[done % len(sites)], loads[done % len(sites)]
        with load.running():
            load.keep_writing()
            killed.kill()
        killed.start()
    stored = asyncio.run(read_users_when_all_is_sent(sites[0].database_url))
    told = list_first_arrivals(receiver)
    assert len(stored) > ROUNDS
    assert stored == told.keys()
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


async def read_users_when_all_is_sent(url: str) -> set[str]:
    """The ids of those who are stored, as soon as no event waits."""
    database = await open_database(url)
    try:
        async with asyncio.timeout(SECONDS):
            while await database.read_all(text(_WAITS)):  # noqa: ASYNC110  # no event tells of it
                await asyncio.sleep(0.05)
        return {row[0] for row in await database.read_all(text('SELECT id FROM "user"'))}
    finally:
        await database.close()
