"""Opens the key pairs of the service for a command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from ...auth.crypto.key_pairs import KeyPairs
from ...settings.settings import Settings
from ..database import open_container

NO_PAIRS: Final = (
    "BETTER_AUTH_JWT_ALG is HS256: the shared secret signs access tokens, and no key pair does"
)
_NO_PLUGIN: Final = "no plugin that is on signs access tokens"


class NoKeyPairs(Exception):
    """There are no key pairs here. The message says why."""


@asynccontextmanager
async def open_key_pairs(settings: Settings) -> AsyncIterator[KeyPairs]:
    """Opens them for the block. Raises `NoKeyPairs`, and what `open_container` raises."""
    async with open_container(settings, needs_redis=False) as container:
        makers = (plugin.make_key_pairs for plugin in container.built_plugins)
        make = next((each for each in makers if each is not None), None)
        if make is None:
            raise NoKeyPairs(_NO_PLUGIN)
        yield make()
