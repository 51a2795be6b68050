"""Finds unsafe settings of a store that this service must not change."""

from collections.abc import AsyncIterator
from typing import Final

from sqlalchemy import text

from ..bridge.database_url import SqliteUrl, parse_database_url
from ..models.errors import StoreUnavailable
from .database import open_database
from .sqlite.file import find_readable

_COMMIT: Final = text("SELECT current_setting('synchronous_commit', true)")


async def find_store_notices(url: str, *, prepared: bool | None = None) -> AsyncIterator[str]:
    """Returns one line for each. None for a store that is down. Raises `DatabaseUrlError`."""
    found = parse_database_url(url, prepared=prepared)
    if isinstance(found, SqliteUrl):
        if readable := find_readable(found.path):
            names = " ".join(map(str, readable))
            yield (
                f"every user of this machine can read {names}, with password hashes and tokens in"
                f" it: chmod o= {names}"
            )
    elif not found.prepared and await _has_late_commits(url):
        # On connections of its own the service sets it; a pooler lends those of others.
        yield (
            f"{found.name}: synchronous_commit is off, so a crash can lose writes that were"
            f" answered: ALTER DATABASE … SET synchronous_commit = on"
        )


async def _has_late_commits(url: str) -> bool:
    database = await open_database(url, prepared=False)
    try:
        return list(await database.read_all(_COMMIT)) == [("off",)]
    except StoreUnavailable:
        return False
    finally:
        await database.close()
