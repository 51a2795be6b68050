"""How settings of the mode remote are put to work. Needs httpx."""

from .presented import Authenticator
from .remote import RemoteSession
from .settings import Settings


def build(settings: Settings) -> Authenticator:
    """Raises ValueError for settings that can't be used."""
    name, origins = settings.cookie_name, settings.trusted_origins
    return RemoteSession(settings.session_url or "", name=name, origins=origins)
