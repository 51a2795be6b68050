"""`python -m app throttle clear`."""

import asyncio

from msgspec import Struct

from ...settings.settings import Settings
from ..console import load_settings
from ..database import open_container
from ..output import print_done
from ..person import get_person
from .counters import FAULTS, get_lockouts, list_clients

__all__ = ["FAULTS", "run"]


class _Cleared(Struct, frozen=True, rename="camel"):
    user_id: str | None
    count: int | None


def run(*, email: str | None, user_id: str | None, everything: bool, as_json: bool) -> int:
    """Lets one person, or everybody, try passwords again."""
    cleared = asyncio.run(_clear(load_settings(), email, user_id, everything=everything))
    if cleared.user_id is None:
        line = f"{cleared.count:,} lockouts are cleared"
    else:
        line = f"The wrong passwords of {cleared.user_id} are forgotten"
    print_done(line, cleared, as_json=as_json)
    return 0


async def _clear(
    settings: Settings, email: str | None, user_id: str | None, *, everything: bool
) -> _Cleared:
    async with open_container(settings) as container:
        lockouts = get_lockouts(container)
        if everything:
            return _Cleared(None, await lockouts.clear_all())
        user = await get_person(container, email, user_id)
        await lockouts.clear(user, await list_clients(container, user))
        return _Cleared(user.id, None)
