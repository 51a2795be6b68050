"""How settings of the modes cookie and bearer are put to work. Needs SQLAlchemy and a driver."""

from .cookie import OpaqueBearer, SessionCookie
from .presented import Authenticator
from .session_table import SessionTable
from .settings import Settings


def build(settings: Settings) -> Authenticator:
    """Raises ValueError for settings that can't be used."""
    table = SessionTable(settings.database_url or "", prepared=settings.database_prepared)
    if settings.mode == "bearer":
        signed = settings.require_signature
        return OpaqueBearer(settings.secrets, table, require_signature=signed)
    name, secure = settings.cookie_name, settings.secure_cookies
    origins = settings.trusted_origins
    return SessionCookie(settings.secrets, table, name=name, secure=secure, origins=origins)
