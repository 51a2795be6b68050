"""What a command says about cookie caches of sessions that it ended."""

from typing import Final

from ..settings.settings import Settings
from .console import print_message

_CACHED: Final = (
    "A cookie cache is on: browsers may keep their session for at most {} seconds more."
)


def print_cache_notice(settings: Settings, ended: int) -> None:
    """Says how long browsers still show a session that ended. Nothing if there was none."""
    cache = settings.session.cookie_cache
    if cache.enabled and ended:
        print_message(_CACHED.format(cache.max_age))
