"""How settings of the mode jwks are put to work. Needs httpx, PyJWT and cryptography."""

from .asymmetric import AsymmetricVerifier
from .jwks import RemoteKeys
from .presented import Authenticator
from .settings import Settings


def build(settings: Settings) -> Authenticator:
    """Raises ValueError for settings that can't be used."""
    keys = RemoteKeys(settings.jwks_url or "")
    return AsymmetricVerifier(keys, issuer=settings.issuer or "", audience=settings.audience)
