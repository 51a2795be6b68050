"""`python -m app users enable`."""

import asyncio

from msgspec import Struct

from ...auth.disabled_users.disabling import Enabled
from ...models.clock import now
from ...server.operation import make_disabling
from ...settings.settings import Settings
from ..console import load_settings, print_message
from ..output import make_printable, print_done
from ..person import PERSON_FAULTS, open_person

FAULTS = PERSON_FAULTS


class _EnabledUser(Struct, frozen=True, rename="camel"):
    id: str
    was_disabled: bool
    is_banned: bool


def run(*, email: str | None, user_id: str | None, as_json: bool) -> int:
    """Enables a user. Says if a ban of an administrator still refuses the user."""
    user, enabled = asyncio.run(_enable(load_settings(), email, user_id))
    was, banned = enabled.before is not None, enabled.banned is not None
    line = f"{user} may sign in again" if was else f"{user} was not disabled"
    print_done(line, _EnabledUser(user, was, banned), as_json=as_json)
    if enabled.banned is not None:
        reason = make_printable(enabled.banned.reason or "no reason")
        print_message(
            "A ban of an administrator still refuses the user"
            f" ({reason}): lift it with /admin/unban-user."
        )
    return 0


async def _enable(
    settings: Settings, email: str | None, user_id: str | None
) -> tuple[str, Enabled]:
    async with open_person(settings, email, user_id) as (container, user):
        return user.id, await make_disabling(container).enable(user, now())
