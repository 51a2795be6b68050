"""SQLite databases in which nobody has signed up yet: no row says how times are stored."""

import re
from pathlib import Path

import pytest

from tests.commands.program import run
from tests.system.js_client.service import SECRET
from tests.system.parity.host import Host
from tests.system.parity.side import Side

from .applications import BY_ID
from .conftest import EARLY, LATE, make_place, migrate, ours_on
from .definitions import take_snapshot
from .host import serving

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("matrix empty")]

TOLD_BY_DEFAULTS = ("drizzle-sqlite", "1.0-sqlite", "1.7-sqlite")
UNCLEAR = ("drizzle-sqlite-seconds", "prisma-sqlite", "prisma-sqlite-ms")


@pytest.mark.parametrize("name", TOLD_BY_DEFAULTS)
async def test_empty_database_is_adopted_where_its_definitions_tell_the_form(
    name: str, node_host: Host, tmp_path: Path
) -> None:
    application = BY_ID[name]
    place = make_place(application, tmp_path, "")
    with serving(node_host, application, place, makes_tables=True) as node:
        migrate(application, place, tmp_path)
        with ours_on(application, place, tmp_path) as ours:
            await _meet(node, ours)


@pytest.mark.parametrize("name", UNCLEAR)
async def test_empty_database_without_a_hint_is_adopted_after_the_first_sign_up(
    name: str, node_host: Host, tmp_path: Path
) -> None:
    application = BY_ID[name]
    place = make_place(application, tmp_path, "")
    with serving(node_host, application, place, makes_tables=True) as node:
        before = await take_snapshot(place)
        given = {"DATABASE_URL": place.database_url, "BETTER_AUTH_SECRET": SECRET}
        refused = run(tmp_path, "migrate", **given)
        assert refused.returncode == 1, refused.stdout
        assert "sign one user up on the Node server" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
        assert await take_snapshot(place) == before
        await node.signed_up("first@example.com")
        migrate(application, place, tmp_path)
        with ours_on(application, place, tmp_path) as ours:
            await _meet(node, ours)


async def _meet(node: Side, ours: Side) -> None:
    """Whoever signs up at one signs in at the other; sessions end when they should."""
    for maker, other, email in ((node, ours, EARLY), (ours, node, LATE)):
        await maker.signed_up(email)
        browser = other.browser()
        assert (await browser.sign_in(email)).status == 200
        session = (await browser.get("/get-session")).json["session"]
        assert re.match(r"20[2-9]\d-", session["expiresAt"])
