"""How the look at a token's session is put to work. Needs SQLAlchemy and a driver."""

from .liveness import Live
from .presented import Authenticator
from .session_table import SessionTable
from .settings import Settings


def build(settings: Settings, authenticator: Authenticator) -> Authenticator:
    """Raises ValueError for settings that can't be used."""
    table = SessionTable(settings.database_url or "", prepared=settings.database_prepared)
    return Live(authenticator, table)
