"""The original and ours on one database, as while one takes over from the other."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

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
    setup: Setup, place: Place, folder: Path, redis: str = "", *, version: str = RECORD
) -> AbstractContextManager[Pair]:
    """Both running with the same options; the original starts first."""
    backing = Backing(lambda _: place, lambda: redis)
    return running(setup, folder, backing, package=package_of(version))


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
