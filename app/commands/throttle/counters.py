"""Opens the counters of wrong passwords for a command."""

from typing import Final

from ...auth.passwords.lockouts import Lockouts
from ...auth.sessions.store import SessionFilter
from ...models.clock import now
from ...models.records import User
from ...server.container import Container
from ...server.operation import make_lockouts, make_session_control
from ..person import PERSON_FAULTS

_OFF: Final = "wrong passwords are not counted: BETTER_AUTH_RATE_LIMIT_ENABLED is false"
_IN_MEMORY: Final = (
    "wrong passwords are counted in the memory of each process of the service: a restart forgets"
    " them; with REDIS_URL or BETTER_AUTH_RATE_LIMIT_STORAGE=database this command can tell them"
)


class NoCounters(Exception):
    """There are no counters that a command can read. The message says why."""


FAULTS: Final = (*PERSON_FAULTS, NoCounters)


def get_lockouts(container: Container) -> Lockouts:
    """Raises NoCounters."""
    lockouts = make_lockouts(container)
    if lockouts is None:
        raise NoCounters(_OFF)
    if not lockouts.are_shared:
        raise NoCounters(_IN_MEMORY)
    return lockouts


async def list_clients(container: Container, user: User) -> list[str]:
    """Returns the client IPs of the user's sessions, which have limits of their own."""
    pages = make_session_control(container).read_pages(SessionFilter(user_id=user.id), now())
    found = {session.ip_address async for page in pages for session in page}
    return sorted(filter(None, found))
