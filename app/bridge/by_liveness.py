"""How the look at a token's session is put to work. Needs SQLAlchemy and a driver."""

from .by_session import open_table
from .liveness import Live
from .presented import Authenticator
from .settings import Settings


def build(settings: Settings, authenticator: Authenticator) -> Authenticator:
    """Raises ValueError for settings that can't be used."""
    return Live(authenticator, open_table(settings))
