"""`python -m app throttle list`."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from ...auth.passwords.lockouts import LockedName
from ...server.container import Container
from ...server.operation import make_people_list
from ...settings.settings import Settings
from ..console import load_settings, print_message
from ..database import open_container
from ..output import print_rows
from ..person import get_person
from .counters import FAULTS, get_lockouts, list_clients

__all__ = ["FAULTS", "run"]


class _LockoutRow(Struct, frozen=True, rename="camel"):
    user_id: str
    email: str
    client: str | None
    seconds: int


def run(*, email: str | None, user_id: str | None, as_json: bool) -> int:
    """Lists who is locked out, and for how long at most."""
    found, others = asyncio.run(_list(load_settings(), email, user_id))
    rows = [_LockoutRow(each.user.id, each.user.email, each.client, each.seconds) for each in found]
    print_rows(rows, as_json=as_json)
    if others:
        print_message(
            f"{others:,} more: names that nobody has here, or known clients of users, which are"
            " found with --email or --id."
        )
    elif not rows:
        print_message("Nobody is locked out.")
    return 0


async def _list(
    settings: Settings, email: str | None, user_id: str | None
) -> tuple[Sequence[LockedName], int]:
    async with open_container(settings) as container:
        if email is None and user_id is None:
            return await _list_all(container)
        lockouts = get_lockouts(container)
        user = await get_person(container, email, user_id)
        return await lockouts.find(user, await list_clients(container, user)), 0


async def _list_all(container: Container) -> tuple[Sequence[LockedName], int]:
    """Reads all users only if somebody is locked out."""
    lockouts, found = get_lockouts(container), list[LockedName]()
    locked = await lockouts.read_locked()
    if locked:
        async for page in make_people_list(container).read_pages():
            for listed in page:
                found += lockouts.match(locked, listed.user)
            if not locked:
                break
    return found, len(locked)
