"""The application's own tool, run after the adoption: it must drop nothing of ours.

On SQLite it is told which tables are not its own, in the words of `docs/adopting.md`.
"""

import asyncio
import json
from pathlib import Path

import pytest

from tests.support.pages import block
from tests.system.parity.host import Host
from tests.system.shared_database.together import at

from .applications import BY_ID, Application
from .conftest import EARLY, Adopted, grouped, make_place, migrate, ours_on
from .definitions import take_snapshot
from .host import push, serving

pytestmark = pytest.mark.anyio

OURS = ["better_auth_migrations", "better_auth_origin", "better_auth_disabled_users"]
# What each tool must be told: nothing on PostgreSQL.
TOLD = {
    "drizzle-pg": {},
    "drizzle-pg-schema": {"SCHEMA_FILTER": json.dumps(["auth"])},
    "drizzle-sqlite": {"TABLES_FILTER": json.dumps(["!better_auth_*"])},
    "prisma-pg": {},
    "prisma-sqlite": {"EXTERNAL": json.dumps(OURS)},
}


@pytest.mark.parametrize(
    "application",
    [pytest.param(BY_ID[name], id=name, marks=grouped(BY_ID[name])) for name in TOLD],
    indirect=True,
)
async def test_push_of_its_tool_drops_nothing_of_ours(adopted: Adopted) -> None:
    before = await take_snapshot(adopted.place)
    assert any("better_auth" in name for name in before.definitions)
    push(adopted.application, adopted.place, **TOLD[adopted.application.id])
    assert await take_snapshot(adopted.place) == before


@pytest.mark.xdist_group("matrix plain")
async def test_push_keeps_the_keys_of_an_application_without_any(
    postgres_server: str, node_host: Host, tmp_path: Path
) -> None:
    """Its Node server signs no tokens: what signs them is made here."""
    application = Application("drizzle-pg-plain", "pg")
    place = await asyncio.to_thread(make_place, application, tmp_path, postgres_server)
    with serving(node_host, application, place, makes_tables=True) as node:
        browser = await node.signed_up(EARLY)
        before = await take_snapshot(place)
        migrate(application, place, tmp_path)
        with ours_on(application, place, tmp_path) as ours:
            published = (await ours.client().get("/jwks")).json
            push(application, place)
            assert (await ours.client().get("/jwks")).json == published
            assert (await at(ours, browser).get("/token")).status == 200
        after = await take_snapshot(place, before)
    assert after.rows == before.rows


def test_page_tells_the_tools_the_same() -> None:
    drizzle = block("docs/adopting.md", "Drizzle", "ts")
    assert f"tablesFilter: {TOLD['drizzle-sqlite']['TABLES_FILTER']}" in drizzle
    assert f"external: {json.dumps(OURS)}" in block("docs/adopting.md", "Prisma", "ts")
