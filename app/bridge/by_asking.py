"""How settings of the mode remote are put to work. Needs httpx."""

from .presented import Authenticator
from .remote import RemoteSession
from .settings import Settings


def build(settings: Settings) -> Authenticator:
    """Raises ValueError for settings that can't be used."""
    return RemoteSession(settings.session_url or "", name=settings.cookie_name)
