"""`python -m app sessions prune`."""

import asyncio
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ...bridge.database_url import DatabaseUrlError
from ...schema.state import SchemaError
from ...server.cleaning import Cleaner, Progress
from ...server.expiring import Expiring, KeptTable, list_expiring
from ...settings.settings import Settings
from ..console import load_settings, print_message
from ..database import open_current_database
from ..output import print_done
from ..people.progress import ProgressBar

FAULTS = (DatabaseUrlError, SchemaError)
_TITLES: Final = {
    "counters": "rate limit counters",
    "audit": "audit events",
    "webhooks": "dead webhooks",
}


class _Deleted(Struct, frozen=True, rename="camel"):
    removed: Mapping[str, int]
    kept: Mapping[str, str]
    dry_run: bool = False


def run(*, dry_run: bool, as_json: bool) -> int:
    """Deletes expired rows, or counts them. Says which ones stay, and why."""
    deleted = asyncio.run(_delete(load_settings(), dry_run=dry_run))
    verb = "would be deleted" if dry_run else "deleted"
    print_done(f"{_describe_counts(deleted.removed)} {verb}", deleted, as_json=as_json)
    if not as_json:
        print_message(*(f"{_get_title(name)} stay: {why}" for name, why in deleted.kept.items()))
    return 0


async def _delete(settings: Settings, *, dry_run: bool) -> _Deleted:
    async with open_current_database(settings) as (database, schema):
        found = list(list_expiring(settings, schema))
        expiring = [each for each in found if isinstance(each, Expiring)]
        kept = {each.name: each.why for each in found if isinstance(each, KeptTable)}
        cleaner = Cleaner(database, expiring, pause=0, counts_only=dry_run, waits=True)
        progress = Progress()
        try:
            with ProgressBar(None) as bar:

                def show(now: Progress) -> None:
                    progress.removed = now.removed
                    bar.show(now.seen, f"{now.seen:,} read, {_describe_counts(now.removed)}")

                removed = await cleaner.round(show)
        except BaseException:
            if not dry_run:
                done = _describe_counts(progress.removed)
                print_message(f"Stopped: {done} deleted. Run it again to continue.")
            raise
        return _Deleted(removed, kept, dry_run)


def _describe_counts(removed: Mapping[str, int]) -> str:
    counts = (f"{count:,} {_get_title(name)}" for name, count in removed.items())
    return ", ".join(counts) or "0 rows"


def _get_title(name: str) -> str:
    return _TITLES.get(name, name)
