"""`python -m app users delete`."""

import asyncio
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ...schema.names import AUDIT_TABLE
from ...server.operation import make_person_removal, make_personal_data
from ...settings.settings import Settings
from ..console import load_settings, print_message
from ..cookie_cache import print_cache_notice
from ..output import print_done
from ..person import PERSON_FAULTS, open_person

FAULTS = PERSON_FAULTS
_ASKS: Final = "Nothing was deleted: add --yes to do it. It cannot be undone."


class _DeletedUser(Struct, frozen=True):
    id: str
    rows: Mapping[str, int]
    deleted: bool


def run(*, email: str | None, user_id: str | None, yes: bool, as_json: bool) -> int:
    """Deletes a user, or says what would go."""
    settings = load_settings()
    deleted = asyncio.run(_delete(settings, email, user_id, yes=yes))
    verb = "is deleted" if yes else "would be deleted"
    rows = ", ".join(f"{name} {count:,}" for name, count in deleted.rows.items())
    print_done(f"{deleted.id} {verb}: {rows or 'no rows'}", deleted, as_json=as_json)
    if yes:
        print_cache_notice(settings, deleted.rows.get("sessions", 0))
    else:
        print_message(_ASKS)
    return 0


async def _delete(
    settings: Settings, email: str | None, user_id: str | None, *, yes: bool
) -> _DeletedUser:
    async with open_person(settings, email, user_id) as (container, user):
        data = await make_personal_data(container).collect(user)
        if yes:
            await make_person_removal(container).remove(user)
    rows = {
        name: len(each)
        for name, each in data.items()
        if isinstance(each, list) and name != AUDIT_TABLE  # events outlive their user
    }
    return _DeletedUser(user.id, rows, deleted=yes)
