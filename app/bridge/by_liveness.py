"""Builds the session check of tokens. Needs SQLAlchemy and a driver."""

from .by_session import open_table
from .liveness import Live
from .presented import Authenticator
from .settings import Settings


def build(settings: Settings, authenticator: Authenticator) -> Authenticator:
    """Returns the authenticator. Raises ValueError for invalid settings."""
    return Live(authenticator, open_table(settings))
