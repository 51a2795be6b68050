"""`python -m app migrate`."""

import asyncio
import sys
from collections.abc import Iterable
from typing import Final

from ..bridge.database_url import DatabaseUrlError
from ..schema.migrate import check_schema, find_refused, generate_sql, migrate
from ..schema.state import SchemaError
from ..server.plugins import derive_requirements
from .console import load_settings, print_message

FAULTS = (DatabaseUrlError, SchemaError)
_CURRENT: Final = "The schema is current."


def run(*, check: bool, sql: bool) -> int:
    """Migrates. With `--check` (status 1 if something is pending) or `--sql` it only prints."""
    settings = load_settings()
    url, prepared = settings.database_url, settings.database_prepared
    requirements = derive_requirements(settings)
    if sql:
        script = asyncio.run(generate_sql(url, requirements, prepared=prepared))
        sys.stdout.write(script)
        if not script:
            print_message(_CURRENT)
        return 0
    if check:
        lines = asyncio.run(check_schema(url, requirements, prepared=prepared))
        refused = asyncio.run(find_refused(url, requirements, prepared=prepared))
        _print([*(lines or [_CURRENT]), *refused])
        return 1 if lines else 0
    _print(asyncio.run(migrate(url, requirements, prepared=prepared)).lines)
    return 0


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
