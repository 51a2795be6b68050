"""`python -m app secrets check`."""

import asyncio

from ...auth.crypto.secret_check import SecretCheck, SecretReport
from ...bridge.database_url import DatabaseUrlError
from ...schema.state import SchemaError
from ...server.secret_uses import find_secret_uses
from ...settings.settings import Settings
from ..console import load_settings
from ..database import open_container
from ..output import print_done
from .verdicts import describe, judge

FAULTS = (DatabaseUrlError, SchemaError)


def run(*, as_json: bool) -> int:
    """Prints a line for each secret. Returns 1 if there is something that none of them opens."""
    report = asyncio.run(_count(load_settings()))
    print_done("\n".join(describe(report)), judge(report), as_json=as_json)
    return 1 if report.unopened else 0


async def _count(settings: Settings) -> SecretReport:
    async with open_container(settings, needs_redis=False) as container:
        uses = find_secret_uses(container)
        return await SecretCheck(settings, container.database, uses).count()
