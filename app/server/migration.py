"""Migrates at the start, and waits for a database that is down."""

from collections.abc import Callable

from ..models.errors import StoreUnavailable
from ..schema.migrate import MigrationReport, migrate
from ..schema.state import SchemaError
from ..settings.settings import Settings
from ..storage.unreachable import get_database_name
from .plugins import derive_requirements
from .store_wait import StoreWait, report_when_long


async def migrate_at_start(settings: Settings, say: Callable[[str], None]) -> MigrationReport:
    """Brings the schema up to date. Waits for the database as long as `database_wait` says.

    Calls `say` with one line if that takes long. Raises `DatabaseUrlError`, `SchemaError`.
    """
    requirements, prepared = derive_requirements(settings), settings.database_prepared
    name = get_database_name(settings.database_url)
    wait = StoreWait(name, settings.database_wait, say)
    while True:
        try:
            with report_when_long(say):
                return await migrate(settings.database_url, requirements, prepared=prepared)
        except SchemaError as fault:
            refusal = fault.__cause__
            if not isinstance(refusal, StoreUnavailable) or not await wait.can_go_on(refusal):
                raise
