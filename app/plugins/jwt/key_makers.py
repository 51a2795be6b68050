"""Makes what reads and writes `jwks`. Apart, because it imports cryptography."""

from ..plugin import Services
from .asymmetric_tokens import KeyPairTokens
from .key_rotation import KeyRotation
from .options import JwtOptions
from .signing_keys import SigningKeys
from .stored_keys import StoredKeys


def make_signer(services: Services, options: JwtOptions) -> KeyPairTokens:
    """Returns what signs access tokens with a key pair."""
    keys = SigningKeys(_make_stored_keys(services, options), services.audit)
    return KeyPairTokens(services.settings, options, keys, services.hooks)


def make_rotation(services: Services, options: JwtOptions) -> KeyRotation:
    """Returns what lists and replaces the key pairs."""
    stored, by_secret = _make_stored_keys(services, options), options.alg == "HS256"
    return KeyRotation(stored, services.tables, services.audit, has_shared_secret=by_secret)


def _make_stored_keys(services: Services, options: JwtOptions) -> StoredKeys:
    """Returns the rows. A shared secret makes none, but another setting may have."""
    alg = "EdDSA" if options.alg == "HS256" else options.alg
    return StoredKeys(services.settings, options.jwks, services.database, services.tables, alg)
