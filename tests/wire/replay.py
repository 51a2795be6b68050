"""Puts the recorded requests to our service, byte for byte, and compares the answers."""

from collections.abc import Iterator
from typing import Protocol

import msgspec
from msgspec import Struct
from redis.asyncio import Redis
from sqlalchemy import update

from app.database import Database
from app.models import sessions
from tests.asgi import Answer

from .caches import Caches
from .comparison import Ledger, mismatches, new_token, with_token
from .course import PAUSES, is_omitted, repeats
from .differences import Replayed, expected
from .links import with_our_token
from .recording import Exchange, Recording, Request, Response
from .servers import EDITS, settings_for

# What an HTTP server adds, and what is new for every request.
TRANSPORT = frozenset({"content-length", "date", "server", "x-request-id"})


class Caller(Protocol):
    """Sends a request to the service under test."""

    async def __call__(self, request: Request) -> Answer: ...


def replayed(name: str, recording: Recording) -> Iterator[Replayed]:
    """The exchanges that are replayed, in the recorded order."""
    base_path = settings_for(name, recording.server).auth_path
    for exchange in recording.exchanges:
        full_name = f"{name}/{exchange.name}"
        if not is_omitted(full_name):
            yield Replayed(full_name, recording.server, base_path, exchange)


class Clock:
    """The rate limiter's seconds: they pass only where the recorder waited."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


class Stores(Struct, frozen=True):
    """Where the service under test keeps sessions; `storage` is the URL of its Redis, if any."""

    database: Database
    storage: str = ""


async def replay(
    name: str, recording: Recording, call: Caller, stores: Stores, clock: Clock
) -> list[str]:
    """Every mismatch, in the recorded order."""
    ledger, found = Ledger(), []
    caches = Caches(settings_for(name, recording.server))
    for one in replayed(name, recording):
        await _edit(one.name, stores.database)
        clock.now += PAUSES.get(one.name, 0)
        expired = "verify expired" in one.name
        request = await with_our_token(one.exchange.request, stores.database, expired=expired)
        request = caches.request(request)
        for _ in range(repeats(one.name) - 1):
            await call(request)
        ours = _response(await call(request))
        renamed = _renamed(one.exchange, ours)
        caches.learn(one.exchange.response, ours, renamed)
        ours = await _adopt_token(one.exchange, caches.opened(ours, renamed), stores)
        theirs = expected(msgspec.structs.replace(one, exchange=_opened(one.exchange, caches)))
        lines = mismatches(_sorted(theirs), _sorted(ours), ledger)
        found += [f"{one.name}: {line}" for line in lines]
    return found


def _renamed(exchange: Exchange, ours: Response) -> tuple[str, str] | None:
    """Our token of a session that begins, and the recorded one."""
    recorded_token, token = new_token(exchange.response), new_token(ours)
    return None if token is None or recorded_token is None else (token, recorded_token)


def _opened(exchange: Exchange, caches: Caches) -> Exchange:
    return msgspec.structs.replace(exchange, response=caches.opened(exchange.response))


async def _edit(name: str, database: Database) -> None:
    if name in EDITS:
        async with database.begin() as tx:
            await tx.execute(EDITS[name]())


async def _adopt_token(exchange: Exchange, ours: Response, stores: Stores) -> Response:
    """Give a new session the recorded token, so that later requests need no rewriting."""
    recorded_token, token = new_token(exchange.response), new_token(ours)
    if recorded_token is None or token is None or token == recorded_token:
        return ours
    async with stores.database.begin() as tx:
        renamed = update(sessions).where(sessions.c.token == token).values(token=recorded_token)
        await tx.execute(renamed)
    if stores.storage:
        await _rename(stores.storage, token, recorded_token)
    return with_token(ours, token, recorded_token)


async def _rename(storage: str, token: str, other: str) -> None:
    async with Redis.from_url(storage, decode_responses=True) as client:
        for key in await client.keys("*"):
            value = str(await client.get(key)).replace(token, other)
            await client.set(key, value, keepttl=True)
            await client.rename(key, str(key).replace(token, other))


def _response(answer: Answer) -> Response:
    kept = [(name, value) for name, value in answer.headers if name not in TRANSPORT]
    return Response(answer.status, kept, answer.body.decode())


def _sorted(response: Response) -> Response:
    """Names in order; several lines of one name stay as they came."""
    headers = sorted(response.headers, key=lambda line: line[0])
    return Response(response.status, headers, response.body)
