"""Builds the mode jwks. Needs httpx, PyJWT and cryptography."""

from .asymmetric import AsymmetricVerifier
from .jwks import RemoteKeys
from .presented import Authenticator
from .settings import Settings


def build(settings: Settings) -> Authenticator:
    """Returns the authenticator. Raises ValueError for invalid settings."""
    keys = RemoteKeys(settings.jwks_url or "")
    return AsymmetricVerifier(keys, issuer=settings.issuer or "", audience=settings.audience)
