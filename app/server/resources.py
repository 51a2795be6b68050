"""What is open while the service runs."""

from typing import Final, Self

from msgspec import Struct, field

from ..auth.background_tasks import BackgroundTasks
from ..mail.backends import open_mailer
from ..mail.mailer import Mailer
from ..models.telemetry.spans import find_span_recorder
from ..settings.settings import Settings
from ..storage.database import Database, open_database
from ..storage.secondary import SecondaryStorage
from ..storage.traced_storage import TracedStorage
from .hooks.mail_delivery import find_hook_mailer
from .hooks.registry import HookRegistry

GRACE: Final = 2.0  # seconds


class Resources(Struct, frozen=True):
    """The database, and, if configured, the secondary storage, the mailer and hooks of users."""

    database: Database
    storage: SecondaryStorage | None = None
    mailer: Mailer | None = None
    background: BackgroundTasks = field(default_factory=BackgroundTasks)
    hooks: HookRegistry | None = None

    @classmethod
    async def open(cls, settings: Settings, hooks: HookRegistry | None = None) -> Self:
        """Raises `DatabaseUrlError`. A hook that sends mail is the mailer."""
        database = await open_database(settings.database_url, prepared=settings.database_prepared)
        by_hook = None if hooks is None else find_hook_mailer(hooks.places)
        mailer = by_hook or open_mailer(settings)
        return cls(database, open_storage(settings), mailer, hooks=hooks)

    async def close(self) -> None:
        """Closes everything. Before that it finishes background work and sends mail."""
        await self.background.finish(GRACE)
        if self.mailer is not None:
            await self.mailer.close()
        if self.storage is not None:
            await self.storage.close()
        await self.database.close()


def open_storage(settings: Settings) -> SecondaryStorage | None:
    """Returns the secondary storage of `REDIS_URL`, without connecting."""
    if settings.redis_url is None:
        return None
    from ..storage.redis import RedisStorage  # noqa: PLC0415 - redis-py, for REDIS_URL alone

    storage = RedisStorage.open(settings.redis_url, settings.storage_prefix)
    recorder = find_span_recorder()
    return storage if recorder is None else TracedStorage(storage, recorder)
