"""All checks of `doctor`, in order. Nothing is changed, nothing is sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final

from ...bridge.database_url import (
    DatabaseUrlError,
    PostgresUrl,
    SqliteUrl,
    parse_database_url,
)
from ...models.errors import StoreUnavailable
from ...schema.state import read_state
from ...settings.settings import Settings
from ...storage.database import Database, open_database
from ...storage.unreachable import describe_unreachable, get_database_name
from ..container import Container
from ..plugins import derive_requirements
from ..resources import Resources
from . import database_checks, file_checks, machine_checks, mail_checks, settings_checks
from .finding import Finding, Result
from .key_checks import inspect_keys
from .public_address import inspect_public_address
from .webhook_checks import inspect_webhooks

SECONDS: Final = 20.0  # for each check

Check = Callable[[], Awaitable[Iterable[Finding]] | Iterable[Finding]]


class Examination:
    """Runs the checks of one service. `secret_files`: where its settings come from.

    `url`: an address at which the running service is asked what it sees of this machine.
    """

    def __init__(
        self, settings: Settings, secret_files: Iterable[Path], url: str | None = None
    ) -> None:
        self._settings = settings
        self._secret_files = secret_files
        self._url = url

    async def run(self) -> AsyncIterator[Finding]:
        """Yields each finding as soon as it is known."""
        settings, found = self._settings, self._parse_url()
        path = found.path if isinstance(found, SqliteUrl) else None
        checks: dict[str, Check] = {
            "release": machine_checks.inspect_release,
            "secret": lambda: settings_checks.inspect_secrets(settings),
            "address": lambda: settings_checks.inspect_address(settings),
            "origins": lambda: settings_checks.inspect_origins(settings),
            "proxies": lambda: settings_checks.inspect_proxies(settings),
            "hooks": lambda: settings_checks.inspect_hooks(settings),
            "files": lambda: file_checks.inspect_rights(self._secret_files, path),
            "workers": lambda: machine_checks.inspect_workers(settings),
            "open files": lambda: machine_checks.inspect_open_files(settings),
        }
        if path is not None and path.exists():
            checks["disk"] = lambda: file_checks.inspect_disk(path)
            checks["file system"] = lambda: file_checks.inspect_file_system(path)
        for name, check in checks.items():
            for finding in await run_check(name, check):
                yield finding
        async for finding in self._inspect_database(found):
            yield finding
        for name, check in self._list_remote():
            for finding in await run_check(name, check):
                yield finding

    def _parse_url(self) -> SqliteUrl | PostgresUrl | None:
        url, prepared = self._settings.database_url, self._settings.database_prepared
        try:
            return parse_database_url(url, prepared=prepared)
        except DatabaseUrlError:
            return None  # said when it is opened

    async def _inspect_database(
        self, url: SqliteUrl | PostgresUrl | None
    ) -> AsyncIterator[Finding]:
        settings = self._settings
        try:
            database = await open_database(
                settings.database_url, prepared=settings.database_prepared, unchanged=True
            )
        except DatabaseUrlError as fault:
            yield Finding("database", Result.WRONG, str(fault))
            return
        try:
            async for finding in self._inspect_opened(database, url):
                yield finding
        except StoreUnavailable as refusal:
            line = describe_unreachable(get_database_name(settings.database_url), refusal)
            remedy = "start it, or correct DATABASE_URL"
            yield Finding("database", Result.WRONG, line, remedy)
            line = "schema, clock, rows and hashing: the database cannot be used"
            yield Finding("database", Result.UNCHECKED, line)
        finally:
            await database.close()

    async def _inspect_opened(
        self, database: Database, url: SqliteUrl | PostgresUrl | None
    ) -> AsyncIterator[Finding]:
        settings = self._settings
        state = await read_state(database, derive_requirements(settings))
        checks: list[tuple[str, Check]] = [
            ("database", lambda: _inspect_engine(database, url, settings)),
            ("schema", lambda: database_checks.inspect_state(database, state)),
            ("clock", lambda: database_checks.inspect_clock(database)),
        ]
        if state.current:
            container = Container(settings, Resources(database), state)
            checks += [
                ("keys", lambda: inspect_keys(container)),
                ("database", lambda: database_checks.inspect_writing(database, container.tables)),
                ("rows", lambda: database_checks.inspect_rows(database, settings, state)),
                ("hashing", lambda: machine_checks.inspect_hashing(container.passwords, settings)),
            ]
        for name, check in checks:
            for finding in await run_check(name, check):
                yield finding
        if not state.current:
            line = "writing, rows and hashing: the tables are not those of this release"
            yield Finding("database", Result.UNCHECKED, line)

    def _list_remote(self) -> list[tuple[str, Check]]:
        settings, url = self._settings, self._url
        checks: list[tuple[str, Check]] = [
            ("webhooks", lambda: inspect_webhooks(settings)),
            ("mail", lambda: mail_checks.inspect_mail(settings)),
        ]
        if settings.redis_url is not None:
            checks.insert(0, ("redis", lambda: _inspect_redis(settings)))
        if url is not None:
            checks.append(("public address", lambda: inspect_public_address(url, settings)))
        return checks


async def run_check(name: str, check: Check) -> list[Finding]:
    """Returns the findings of a check, or why it could not be made."""
    try:
        async with asyncio.timeout(SECONDS):
            found = check()
            return [*(found if isinstance(found, Iterable) else await found)]
    except TimeoutError:
        return [Finding(name, Result.UNCHECKED, f"no answer in {SECONDS:.0f} seconds")]
    except StoreUnavailable:
        raise
    except Exception as fault:  # noqa: BLE001  # the other checks still tell something
        reason = next(iter(str(fault).splitlines()), "")
        return [Finding(name, Result.UNCHECKED, f"{type(fault).__name__}: {reason}")]


async def _inspect_engine(
    database: Database, url: SqliteUrl | PostgresUrl | None, settings: Settings
) -> list[Finding]:
    if not isinstance(url, PostgresUrl):
        return await database_checks.inspect_sqlite(database)
    from .postgres_checks import inspect_postgres  # noqa: PLC0415 - asyncpg, for PostgreSQL alone

    return await inspect_postgres(database, url, settings)


async def _inspect_redis(settings: Settings) -> list[Finding]:
    from ...storage.redis import RedisStorage  # noqa: PLC0415 - redis-py, for REDIS_URL alone
    from .redis_checks import inspect_redis  # noqa: PLC0415 - the same

    assert settings.redis_url is not None
    storage = RedisStorage.open(settings.redis_url, settings.storage_prefix)
    try:
        return await inspect_redis(storage, settings)
    finally:
        await storage.close()
