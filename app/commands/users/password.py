"""`python -m app users set-password`."""

import asyncio

from msgspec import Struct

from ...models.clock import now
from ...server.operation import make_person_changes
from ...settings.settings import Settings
from ..console import allow_interrupted_reads, load_settings
from ..cookie_cache import print_cache_notice
from ..output import print_done
from ..passwords import UnusablePassword, explain_length, read_password
from ..person import PERSON_FAULTS, open_person
from .counts import count_sessions

FAULTS = (*PERSON_FAULTS, UnusablePassword)


class _PasswordSet(Struct, frozen=True, rename="camel"):
    id: str
    ended_sessions: int


def run(*, email: str | None, user_id: str | None, from_stdin: bool, as_json: bool) -> int:
    """Sets a password. The user is found before it is asked for."""
    settings = load_settings()
    changed = asyncio.run(_set(settings, email, user_id, from_stdin=from_stdin))
    line = f"The password is set, and {count_sessions(changed.ended_sessions)} ended"
    print_done(line, changed, as_json=as_json)
    print_cache_notice(settings, changed.ended_sessions)
    return 0


async def _set(
    settings: Settings, email: str | None, user_id: str | None, *, from_stdin: bool
) -> _PasswordSet:
    async with open_person(settings, email, user_id) as (container, user):
        async with allow_interrupted_reads():
            password = read_password(from_stdin=from_stdin)
        with explain_length(settings.email_and_password):
            ended = await make_person_changes(container).set_password(user, password, now())
        return _PasswordSet(user.id, ended)
