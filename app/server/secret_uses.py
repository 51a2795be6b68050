"""What the secrets encrypt and sign, in the core and in the plugins that are on."""

from collections.abc import Iterator
from typing import Final

from ..auth.crypto.secret_uses import EncryptedColumn, SecretUses
from .container import Container

_FOREIGN: Final = "only the Node server reads them"


def find_secret_uses(container: Container) -> SecretUses:
    """Returns all uses. Codes that are mailed are left out, because they live for minutes."""
    settings = container.settings
    of_plugins = [plugin.make_secret_uses() for plugin in container.built_plugins]
    signed = {
        "session cookies": settings.longest_session,
        "mailed links": settings.email_verification.expires_in,
    }
    for uses in of_plugins:
        signed |= uses.signed
    encrypted = (column for uses in of_plugins for column in uses.encrypted)
    foreign = _list_foreign(container) if container.schema.adopted else ()
    return SecretUses((*encrypted, *foreign), signed)


def _list_foreign(container: Container) -> Iterator[EncryptedColumn]:
    """Yields what `account.encryptOAuthTokens` of a Node server encrypts."""
    accounts, what = container.tables.accounts, "OAuth tokens of a Node server"
    for column in (accounts.c.accessToken, accounts.c.refreshToken, accounts.c.idToken):
        yield EncryptedColumn(what, accounts, column, _FOREIGN, is_mixed=True)
