"""A `BetterAuth` over a database of the test, open for the block."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from app import BetterAuth, HookRegistry
from tests.server.embedding.mounted import make_auth


@asynccontextmanager
async def opened(
    url: str, *, register: Callable[[HookRegistry], object] | None = None, **options: Any
) -> AsyncIterator[BetterAuth]:
    """`options` are those of `Settings`; the rate limit is off unless they say otherwise."""
    auth = make_auth(url, migrates=bool(options), **options)  # they may require tables and columns
    if register is not None:
        register(auth.hooks)
    async with auth.lifespan():
        yield auth
