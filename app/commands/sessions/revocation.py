"""`python -m app sessions revoke`."""

import asyncio
from typing import Final

from msgspec import Struct, convert

from ...models.clock import now
from ...server.operation import make_session_control
from ...settings.environment import SettingsError
from ...settings.settings import Settings
from ..console import load_settings, print_message
from ..cookie_cache import print_cache_notice
from ..database import open_container
from ..output import print_done
from ..person import PERSON_FAULTS
from ..users.counts import count_sessions
from .choice import SessionChoice

FAULTS = PERSON_FAULTS
_NOBODY: Final = "say whose sessions: --email, --id, --session, --older-than or --all"
_ASKS: Final = "This is about everybody, so nothing was ended: add --yes to do it."


class _RevocationOptions(SessionChoice, frozen=True, kw_only=True):
    everything: bool
    yes: bool
    as_json: bool

    @property
    def is_about_everybody(self) -> bool:
        return self.email is None and self.user_id is None and self.session_id is None


class _EndedSessions(Struct, frozen=True):
    sessions: int
    ended: bool


def run(**parameters: object) -> int:
    """Ends sessions. What is about everybody is only counted without `yes`."""
    options = convert(parameters, _RevocationOptions)
    if options.is_about_everybody and not options.everything and options.older_than is None:
        raise SettingsError((_NOBODY,))
    settings, ends = load_settings(), options.yes or not options.is_about_everybody
    count = asyncio.run(_revoke(settings, options) if ends else _count(settings, options))
    verb = "ended" if ends else "would end"
    print_done(
        f"{count_sessions(count)} {verb}", _EndedSessions(count, ends), as_json=options.as_json
    )
    if ends:
        print_cache_notice(settings, count)
    else:
        print_message(_ASKS)
    return 0


async def _revoke(settings: Settings, options: _RevocationOptions) -> int:
    async with open_container(settings) as container:
        at = now()
        chosen = await options.make_filter(container, at)
        return await make_session_control(container).revoke(chosen, at)


async def _count(settings: Settings, options: _RevocationOptions) -> int:
    async with open_container(settings) as container:
        at = now()
        chosen = await options.make_filter(container, at)
        pages = make_session_control(container).read_pages(chosen, at)
        return sum([len(page) async for page in pages])
