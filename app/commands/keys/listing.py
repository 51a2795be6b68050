"""`python -m app keys list`."""

import asyncio
from collections.abc import Sequence
from typing import Final

from ...auth.crypto.key_pairs import PairState
from ...bridge.database_url import DatabaseUrlError
from ...models.clock import now
from ...models.program_name import COMMAND
from ...schema.state import SchemaError
from ...settings.settings import Settings
from ..console import load_settings, print_message
from ..output import print_rows
from .key_pairs import NO_PAIRS, NoKeyPairs, open_key_pairs

FAULTS = (DatabaseUrlError, SchemaError, NoKeyPairs)
_NONE_YET: Final = "There are no key pairs yet: the first token makes one."
_CANNOT_SIGN: Final = (
    "No token can be signed: no secret opens the private key that signs. Set the secret that"
    f" encrypted it in BETTER_AUTH_SECRETS, or run `{COMMAND} keys rotate`."
)


def run(*, as_json: bool) -> int:
    """Lists the pairs. Returns 1 if the one that signs cannot be opened."""
    found, by_secret = asyncio.run(_list(load_settings()))
    print_rows(found, as_json=as_json)
    if by_secret:
        print_message(NO_PAIRS)
    elif not found:
        print_message(_NONE_YET)
    if any(pair.signs and not pair.opens for pair in found):
        print_message(_CANNOT_SIGN)
        return 1
    return 0


async def _list(settings: Settings) -> tuple[Sequence[PairState], bool]:
    async with open_key_pairs(settings) as pairs:
        return await pairs.list_pairs(now()), pairs.has_shared_secret
