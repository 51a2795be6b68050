"""`python -m app secrets reencrypt`."""

import asyncio
from collections.abc import Mapping

from msgspec import Struct

from ...auth.crypto.secret_check import SecretCheck
from ...bridge.database_url import DatabaseUrlError
from ...schema.state import SchemaError
from ...server.secret_uses import find_secret_uses
from ...settings.settings import Settings
from ..console import load_settings
from ..database import open_container
from ..output import print_done

FAULTS = (DatabaseUrlError, SchemaError)


class _Reencrypted(Struct, frozen=True):
    encrypted: Mapping[str, int]


def run(*, as_json: bool) -> int:
    """Encrypts all that an older secret encrypted. Says how much that was."""
    done = asyncio.run(_encrypt(load_settings()))
    counted = ", ".join(f"{what} ({count})" for what, count in done.items())
    line = f"encrypted with the first secret: {counted}" if done else "nothing to do"
    print_done(line, _Reencrypted(done), as_json=as_json)
    return 0


async def _encrypt(settings: Settings) -> Mapping[str, int]:
    async with open_container(settings, needs_redis=False) as container:
        uses = find_secret_uses(container)
        return await SecretCheck(settings, container.database, uses).encrypt_again()
