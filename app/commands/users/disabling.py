"""`python -m app users disable`."""

import asyncio
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...auth.disabled_users.disabling import Disabled
from ...models.clock import now
from ...models.errors import StoreUnavailable
from ...models.records import User
from ...schema.state import SchemaError
from ...server.operation import make_disabling
from ...settings.settings import Settings
from ...storage.unreachable import describe_with_remedy
from ..console import load_settings, print_message
from ..output import print_done
from ..person import PERSON_FAULTS, open_person
from .counts import count_sessions

FAULTS = PERSON_FAULTS
_NODE: Final = (
    "A Node server on this database does not know of it, because its table of users has no column"
    " `banned` of the admin plugin."
)


class _DisabledUser(Struct, frozen=True, rename="camel"):
    id: str
    ended_sessions: int
    was_disabled: bool
    bans: bool


def run(*, email: str | None, user_id: str | None, reason: str | None, as_json: bool) -> int:
    """Disables a user. Says what a Node server does, and which ban there is."""
    user, disabled, adopted = asyncio.run(_disable(load_settings(), email, user_id, reason))
    was = disabled.before is not None
    result = _DisabledUser(user, disabled.sessions, was, disabled.bans)
    verb = "was disabled already" if was else "is disabled"
    print_done(
        f"{user} {verb}, and {count_sessions(disabled.sessions)} ended", result, as_json=as_json
    )
    print_message(*_describe(disabled, adopted=adopted))
    return 0


async def _disable(
    settings: Settings, email: str | None, user_id: str | None, reason: str | None
) -> tuple[str, Disabled, bool]:
    async with open_person(settings, email, user_id, needs_redis=False) as (container, user):
        disabling = make_disabling(container)
        try:
            disabled = await disabling.disable(user, reason, now())
        except StoreUnavailable as refusal:
            if container.resources.storage is None or await disabling.find(user.id) is None:
                raise
            raise SchemaError(_describe_half_done(user, refusal)) from refusal
        return user.id, disabled, container.schema.adopted


def _describe_half_done(user: User, refusal: StoreUnavailable) -> str:
    fault = describe_with_remedy("Redis", refusal)
    state = f"{user.id} is disabled, but may have sessions left"
    return f"{state}: {fault}; then run this again to end them"


def _describe(disabled: Disabled, *, adopted: bool) -> Iterator[str]:
    before = disabled.banned_before
    if adopted and not disabled.bans:
        yield _NODE
    if before is None or disabled.before is not None:
        return
    if before.expires is None:
        yield "An administrator has banned the user, too: `users enable` leaves that ban."
    else:
        yield f"It replaces a ban of an administrator that would have ended at {before.expires}."
