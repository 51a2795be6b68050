"""`python -m app keys prune`."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from ...auth.crypto.key_pairs import PairState
from ...bridge.database_url import DatabaseUrlError
from ...models.clock import now
from ...schema.state import SchemaError
from ...settings.settings import Settings
from ..console import load_settings
from ..output import print_done
from .key_pairs import NoKeyPairs, open_key_pairs

FAULTS = (DatabaseUrlError, SchemaError, NoKeyPairs)


class _Pruned(Struct, frozen=True, rename="camel"):
    removed: Sequence[str]
    dry_run: bool = False


def run(*, dry_run: bool, as_json: bool) -> int:
    """Removes the pairs whose grace period is over, or says which ones."""
    ids = [pair.id for pair in asyncio.run(_remove(load_settings(), dry_run=dry_run))]
    verb = "would be removed" if dry_run else "removed"
    line = f"{len(ids)} {'pair' if len(ids) == 1 else 'pairs'} {verb}{': ' if ids else ''}"
    print_done(line + ", ".join(ids), _Pruned(ids, dry_run), as_json=as_json)
    return 0


async def _remove(settings: Settings, *, dry_run: bool) -> Sequence[PairState]:
    async with open_key_pairs(settings) as pairs:
        return await pairs.remove_old(now(), dry_run=dry_run)
