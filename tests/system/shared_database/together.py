"""The original and ours on one database, as while one takes over from the other."""

import asyncio
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.schema.migrate import migrate
from tests.system.parity.database import Place
from tests.system.parity.options import Setup
from tests.system.parity.servers import Backing, Pair, running
from tests.system.parity.side import Caller, Side
from tests.system.parity.versions import RECORD, package_of

NAMES = ("original", "ours")
ENGINES = ("sqlite", "postgres")

either = pytest.mark.parametrize("first", NAMES)


def grouped(engine: str) -> pytest.MarkDecorator:
    """Tests of an engine run in one process, because servers cost seconds."""
    return pytest.mark.xdist_group(f"beside {engine}")


def together(
    setup: Setup,
    place: Place,
    folder: Path,
    redis: str = "",
    *,
    version: str = RECORD,
    cheap_hashes: bool = False,
) -> AbstractContextManager[Pair]:
    """Both running with the same options; the original starts first.

    With `cheap_hashes` both hash with argon2id at its least cost, and verify each other's.
    """
    backing = Backing(lambda _: place, lambda: redis)
    package = package_of(version)
    if cheap_hashes:
        ours = {**setup.ours, "BETTER_AUTH_PASSWORD_HASH": "argon2id"}
        setup = replace(setup, ours=ours, original={**setup.original, "cheapHashes": "argon2id"})
    return running(setup, folder, backing, package=package, cheap_hashes=cheap_hashes)


def make_tables(maker: str, place: Place) -> Place:
    """Returns the empty database; that of "ours" has its tables, the original makes its own."""
    if maker == "ours":
        asyncio.run(migrate(place.database_url))
    return place


def in_order(pair: Pair, first: str) -> tuple[Side, Side]:
    """The side that something happens at, and the other."""
    original, ours = pair.sides()
    return (original, ours) if first == "original" else (ours, original)


def at(side: Side, caller: Caller) -> Caller:
    """The same browser at the other server; what happens there changes its cookies there only."""
    there = side.browser(origin=caller.origin, ip=caller.ip)
    there.cookies = dict(caller.cookies or {})
    return there


async def stored_hash(side: Side, email: str) -> str:
    joined = 'SELECT password FROM account JOIN "user" u ON u.id = "userId" WHERE email = ?'
    (row,) = await side.sql(joined, email)
    return str(row["password"])
