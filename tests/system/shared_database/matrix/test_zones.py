"""Times agree where the Node server, this service and the database are all in other zones."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from msgspec import Struct

from app.models.clock import from_iso
from tests.system.parity.side import Caller, Side
from tests.system.shared_database.together import at

from .applications import BY_ID, Application
from .conftest import EARLY, make_place, migrate, ours_on
from .host import serving, start_host

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("matrix zones")]

NODE_ZONE, DATABASE_ZONE, OUR_ZONE = "Asia/Kolkata", "America/St_Johns", "Pacific/Auckland"
# Not those of better-auth 1.2 and older on PostgreSQL: they store the zone of their process.
NAMES = ("drizzle-pg", "prisma-pg", "1.7-pg", "drizzle-sqlite", "prisma-sqlite")


class Zoned(Struct, frozen=True):
    node: Side
    ours: Side
    early: Caller


@pytest.fixture(scope="module", params=NAMES)
def zoned(
    request: pytest.FixtureRequest, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Zoned]:
    application: Application = BY_ID[request.param]
    folder = tmp_path_factory.mktemp("zones")
    place = make_place(application, folder, postgres_server)
    if place.url:
        asyncio.run(_set_zone(place.url))
    host = start_host(postgres_server, NODE_ZONE)
    with ExitStack() as stack:
        node = stack.enter_context(serving(host, application, place, makes_tables=True))
        early = asyncio.run(node.signed_up(EARLY))
        migrate(application, place, folder, TZ=OUR_ZONE)
        ours = stack.enter_context(ours_on(application, place, folder, TZ=OUR_ZONE))
        yield Zoned(node, ours, early)


@pytest.mark.parametrize("first", ["node", "ours"])
async def test_both_read_the_times_that_one_wrote(zoned: Zoned, first: str) -> None:
    if first == "node":
        maker, other, browser = zoned.node, zoned.ours, zoned.early
    else:
        maker, other = zoned.ours, zoned.node
        browser = await maker.signed_up("late@example.com")
    found = [await _times(at(side, browser)) for side in (maker, other)]
    assert found[0] == found[1]
    now, week = datetime.now(UTC), timedelta(days=7)
    for name, expected in {"createdAt": now, "updatedAt": now, "expiresAt": now + week}.items():
        assert abs(from_iso(found[0][name]) - expected) < timedelta(minutes=10), name


async def _times(browser: Caller) -> dict[str, str]:
    found = (await browser.get("/get-session")).json
    return {**found["session"], "user": found["user"]["createdAt"]}


async def _set_zone(url: str) -> None:
    connection = await asyncpg.connect(url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE \"{name}\" SET timezone = '{DATABASE_ZONE}'")
    await connection.close()
