"""What is open while the service runs."""

from typing import Final, Self

from msgspec import Struct, field

from ..auth.background_tasks import BackgroundTasks
from ..mail.backends import open_mailer
from ..mail.mailer import Mailer
from ..settings.settings import Settings
from ..storage.database import Database, open_database
from ..storage.secondary import SecondaryStorage

GRACE: Final = 2.0  # seconds


class Resources(Struct, frozen=True):
    """The database, and, if configured, the secondary storage and the mailer."""

    database: Database
    storage: SecondaryStorage | None = None
    mailer: Mailer | None = None
    background: BackgroundTasks = field(default_factory=BackgroundTasks)

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """Raises `DatabaseUrlError`."""
        database = await open_database(settings.database_url, prepared=settings.database_prepared)
        return cls(database, _open_storage(settings), open_mailer(settings))

    async def close(self) -> None:
        """Closes everything. Before that it finishes background work and sends mail."""
        await self.background.finish(GRACE)
        if self.mailer is not None:
            await self.mailer.close()
        if self.storage is not None:
            await self.storage.close()
        await self.database.close()


def _open_storage(settings: Settings) -> SecondaryStorage | None:
    if settings.redis_url is None:
        return None
    from ..storage.redis import RedisStorage  # noqa: PLC0415 - redis-py, for REDIS_URL alone

    return RedisStorage.open(settings.redis_url, settings.storage_prefix)
