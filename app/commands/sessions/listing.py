"""`python -m app sessions list`."""

import asyncio

from msgspec import Struct, convert

from ...models.clock import now
from ...models.records import Session
from ...server.operation import make_session_control
from ...settings.settings import Settings
from ..console import load_settings, print_message
from ..database import open_container
from ..output import print_pages
from ..person import PERSON_FAULTS
from .choice import SessionChoice

FAULTS = PERSON_FAULTS


class _ListOptions(SessionChoice, frozen=True, kw_only=True):
    limit: int
    everything: bool
    as_json: bool


class _SessionRow(Struct, frozen=True, rename="camel"):
    id: str
    user_id: str
    created_at: str
    updated_at: str
    expires_at: str
    ip_address: str | None
    user_agent: str | None


def run(**parameters: object) -> int:
    """Lists active sessions: no token, which would let anybody in."""
    options = convert(parameters, _ListOptions)
    if asyncio.run(_list(load_settings(), options)):
        print_message("There may be more: add --limit N, or --all.")
    return 0


async def _list(settings: Settings, options: _ListOptions) -> bool:
    """Prints page after page. Returns whether the limit is reached."""
    limit, at = None if options.everything else options.limit, now()
    async with open_container(settings) as container:
        chosen = await options.make_filter(container, at)
        found = make_session_control(container).read_pages(chosen, at)
        pages = ([_describe(session) for session in page] async for page in found)
        return await print_pages(pages, limit, as_json=options.as_json) is not None


def _describe(session: Session) -> _SessionRow:
    return _SessionRow(*(getattr(session, name) for name in _SessionRow.__struct_fields__))
