"""`python -m app users list`."""

import asyncio

from msgspec import Struct

from ...auth.operators.people_list import ListedUser
from ...server.operation import make_people_list
from ...settings.settings import Settings
from ..console import load_settings, print_message
from ..database import open_container
from ..output import print_pages
from ..person import PERSON_FAULTS

FAULTS = PERSON_FAULTS


class _UserRow(Struct, frozen=True, rename="camel"):
    id: str
    email: str
    name: str
    verified: bool
    disabled: bool
    created_at: str


class _Choice(Struct, frozen=True):
    """Which users. Without `limit` all of them."""

    contains: str | None
    after: str | None
    limit: int | None


def run(
    *, email_contains: str | None, limit: int, after: str | None, everything: bool, as_json: bool
) -> int:
    """Lists users by id, and says how to see more of them."""
    choice = _Choice(email_contains, after, None if everything else limit)
    last = asyncio.run(_list(load_settings(), choice, as_json=as_json))
    if last is not None:
        print_message(f"There may be more: add --after {last}, or --all.")
    return 0


async def _list(settings: Settings, choice: _Choice, *, as_json: bool) -> str | None:
    """Prints page after page. Returns the last id if the limit is reached."""
    async with open_container(settings, needs_redis=False) as container:
        found = make_people_list(container).read_pages(after=choice.after, contains=choice.contains)
        pages = ([_describe(each) for each in page] async for page in found)
        last = await print_pages(pages, choice.limit, as_json=as_json)
        return None if last is None else last.id


def _describe(listed: ListedUser) -> _UserRow:
    user, disabled = listed.user, listed.disabled_since is not None
    return _UserRow(user.id, user.email, user.name, user.email_verified, disabled, user.created_at)
