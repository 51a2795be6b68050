"""`python -m app keys rotate`."""

import asyncio
from collections.abc import Iterator

from ...auth.crypto.key_pairs import Rotation
from ...bridge.database_url import DatabaseUrlError
from ...models.clock import now
from ...schema.state import SchemaError
from ...settings.settings import Settings
from ..console import load_settings
from ..output import print_done
from .key_pairs import NO_PAIRS, NoKeyPairs, open_key_pairs

FAULTS = (DatabaseUrlError, SchemaError, NoKeyPairs)


def run(*, revoke: bool, as_json: bool) -> int:
    """Makes a pair. Says what becomes of the tokens of the old ones."""
    rotation = asyncio.run(_rotate(load_settings(), revoke=revoke))
    print_done("\n".join(_describe(rotation)), rotation, as_json=as_json)
    return 0


async def _rotate(settings: Settings, *, revoke: bool) -> Rotation:
    async with open_key_pairs(settings) as pairs:
        if pairs.has_shared_secret:
            raise NoKeyPairs(NO_PAIRS)
        return await pairs.rotate(now(), revoke=revoke)


def _describe(rotation: Rotation) -> Iterator[str]:
    yield f"{rotation.new.id} ({rotation.new.alg}) signs from now on, in every process."
    for pair in rotation.retired:
        until = f"its tokens stay valid, at most until {pair.valid_until}"
        yield f"{pair.id} ({pair.alg}) signs no more; {until}"
    for each in rotation.removed:
        yield f"{each} is removed; its tokens are refused"
