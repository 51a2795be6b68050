"""What the service holds open while it runs."""

from collections.abc import Callable
from typing import Final, Self, cast

from msgspec import Struct, field

from app.database import Database, open_database
from app.later import Later
from app.mail.mailer import Mailer
from app.mail.opening import open_mailer
from app.on_demand import part
from app.secondary_storage import SecondaryStorage
from app.settings import Settings

GRACE: Final = 2.0  # seconds
_OpenStorage = Callable[[str, str], SecondaryStorage]


class Resources(Struct, frozen=True):
    """The database; beside it a shared store and a way to send mail, where they are configured."""

    database: Database
    storage: SecondaryStorage | None = None
    mailer: Mailer | None = None
    later: Later = field(default_factory=Later)

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """Raises `DatabaseUrlError`."""
        database = await open_database(settings.database_url, prepared=settings.database_prepared)
        return cls(database, _storage(settings), open_mailer(settings))

    async def close(self) -> None:
        """Gives everything back; what answers did not wait for is done, and mail sent, first."""
        await self.later.finish(GRACE)
        if self.mailer is not None:
            await self.mailer.close()
        if self.storage is not None:
            await self.storage.close()
        await self.database.close()


def _storage(settings: Settings) -> SecondaryStorage | None:
    if settings.redis_url is None:
        return None
    opening = cast("_OpenStorage", part("app.redis_storage:RedisStorage.open"))
    return opening(settings.redis_url, settings.storage_prefix)
