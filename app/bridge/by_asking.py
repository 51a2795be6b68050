"""Builds the mode remote. Needs httpx."""

from .presented import Authenticator
from .remote import RemoteSession
from .settings import Settings


def build(settings: Settings) -> Authenticator:
    """Returns the authenticator. Raises ValueError for invalid settings."""
    name, origins = settings.cookie_name, settings.trusted_origins
    return RemoteSession(settings.session_url or "", name=name, origins=origins)
