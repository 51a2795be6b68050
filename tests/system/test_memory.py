"""What requests leave behind in memory is bounded, whatever they say and whoever they are from."""

import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_network

import pytest

from app.mail.mailer import Message
from app.mail.outbox import Outbox
from app.models.clock import now as clock
from app.models.clock import to_iso
from app.settings.options import AdvancedOptions, IpAddressOptions
from app.storage.database import Database
from tests.support.rows import add_session, add_user
from tests.support.service import Service, bearer, serve

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024
SESSIONS = 30  # whose rows would be 30 MiB
LONG = 40  # requests of 50,000 characters, which would be 2 MB


@contextmanager
def growth_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        yield
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < limit


async def times(number: int, ask: Callable[[int], Awaitable[object]]) -> None:
    """Each of them once, after a first one that loads what is loaded once."""
    for n in range(number):
        await ask(n)


@pytest.fixture
async def heavy(sqlite_database: Database) -> Service:
    """Somebody whose name has a megabyte, with a session for each request."""
    await add_user(sqlite_database, "ada", name="x" * MIB)
    later = to_iso(clock() + timedelta(days=7))
    for n in range(SESSIONS):
        await add_session(sqlite_database, "ada", f"token-{n}", expiresAt=later)
    return await serve(sqlite_database)


@pytest.mark.parametrize("path", ["/get-session", "/token"])
async def test_rows_that_are_heavy_are_not_kept(heavy: Service, path: str) -> None:
    async def ask(n: int) -> None:
        assert (await heavy.get(path, bearer(f"token-{n}"))).status == 200

    await ask(0)
    with growth_below(5 * MIB):
        await times(SESSIONS, ask)


@pytest.mark.parametrize(
    "path", ["/get-session?a={long}", "/reset-password/{long}?callbackURL=/", "/{long}"]
)
async def test_long_requests_are_not_remembered(sqlite_database: Database, path: str) -> None:
    service = await serve(sqlite_database)

    async def ask(n: int) -> None:
        await service.get(path.format(long=f"{n}" + "x" * 50_000))

    await ask(0)
    with growth_below(MIB):
        await times(LONG, ask)


async def test_long_forwarded_addresses_are_not_remembered(sqlite_database: Database) -> None:
    proxies = IpAddressOptions(
        trusted_proxies=(ip_network("127.0.0.1"),), ip_address_headers=("x-forwarded-for",)
    )
    service = await serve(sqlite_database, advanced=AdvancedOptions(ip_address=proxies))

    async def ask(n: int) -> None:
        await service.get("/get-session", [("x-forwarded-for", f"{n}" + "x" * 50_000)])

    await ask(0)
    with growth_below(MIB):
        await times(LONG, ask)


async def test_mails_that_wait_are_bounded_by_their_length(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def deliver(_: Message) -> None:
        await asyncio.sleep(60)

    outbox = Outbox(deliver)
    for n in range(20):
        outbox.send(Message(f"{n}@example.com", "s", "x" * MIB, ""))
    assert len(outbox._waiting) == 16
    reasons = [record.__dict__["facts"]["reason"] for record in caplog.records]
    assert reasons == ["too many are waiting"] * 4
    for task in outbox._waiting:
        task.cancel()
