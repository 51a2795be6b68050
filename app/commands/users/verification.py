"""`python -m app users verify`."""

import asyncio

from msgspec import Struct

from ...models.clock import now
from ...server.operation import make_person_changes
from ...settings.settings import Settings
from ..console import load_settings
from ..output import print_done
from ..person import PERSON_FAULTS, open_person

FAULTS = PERSON_FAULTS


class _Verified(Struct, frozen=True, rename="camel"):
    id: str
    was_verified: bool


def run(*, email: str | None, user_id: str | None, as_json: bool) -> int:
    """Verifies the address of a user."""
    verified = asyncio.run(_verify(load_settings(), email, user_id))
    line = (
        "The address was verified already" if verified.was_verified else "The address is verified"
    )
    print_done(line, verified, as_json=as_json)
    return 0


async def _verify(settings: Settings, email: str | None, user_id: str | None) -> _Verified:
    async with open_person(settings, email, user_id) as (container, user):
        if not user.email_verified:
            await make_person_changes(container).verify(user, now())
        return _Verified(user.id, user.email_verified)
