"""The `jwt` plugin of Better Auth 1.7.25: access tokens for other services. It also signs HS256."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from msgspec.structs import fields
from sqlalchemy import literal, not_, or_

from ...auth.crypto.key_pairs import KeyPairs
from ...auth.crypto.secret_uses import EncryptedColumn, SecretUses
from ...auth.hooks import Hooks
from ...bridge import Authenticator, Verifier
from ...models.clock import now, to_iso
from ...models.column_types import is_before
from ...models.program_name import COMMAND
from ...models.records import User
from ...settings.option_types import TableNames
from ...settings.secrets import find_weakness
from ...settings.settings import Settings
from ...settings.validation import MEND
from ..plugin import BuiltPlugin, Plugin, Services, TokenIssuer
from .access_tokens import AccessTokenHeader, KeyPairSigner, SharedSecretTokens, list_secrets
from .options import JwtOptions
from .public_keys import PublicKeys
from .routes import TokenRoutes

_PATH: Final = re.compile(r"(?:/(?!\.\.?(?:/|$))[A-Za-z0-9._~-]+)+")
_USER_FIELDS: Final = tuple(f.encode_name for f in fields(User))
_WITHOUT_EMAIL: Final = (
    "tokens have no email, because a Node server with the same secret would accept them as"
    " verification links; BETTER_AUTH_JWT_CLAIMS=name,email adds it"
)
_ROTATE: Final = f"`{COMMAND} keys rotate` makes a new pair"
_DELETE: Final = "delete these rows of jwks if no Node server signs with them"


class JwtPlugin(Plugin[JwtOptions]):
    """The `jwt` plugin."""

    id = "jwt"
    options = JwtOptions
    always_on = True

    def list_table_names(self, options: JwtOptions) -> dict[str, TableNames]:
        """Returns the names of `jwks`."""
        return {"jwks": options.schema.jwks}

    def list_adoption_notices(self, options: JwtOptions) -> tuple[str, ...]:
        """Says that tokens carry no email, unless the options choose the claims."""
        chosen = options.claims is not None or options.alg != "HS256"
        return () if chosen else (_WITHOUT_EMAIL,)

    def find_faults(self, settings: Settings) -> Iterator[str]:
        """Checks the secret, the path of the keys and the claims."""
        options = self.get_options(settings)
        if options.secret is not None:
            if fault := find_weakness(options.secret):
                yield f"BETTER_AUTH_JWT_SECRET {fault}: {MEND}"
            if options.alg != "HS256":
                yield (
                    f"BETTER_AUTH_JWT_SECRET is not used with BETTER_AUTH_JWT_ALG={options.alg}:"
                    " remove one of them"
                )
        path = options.jwks.jwks_path
        if ".." in path or not _PATH.fullmatch(path):
            yield (
                "BETTER_AUTH_JWT_JWKS_JWKS_PATH must be a plain path such as /.well-known/jwks.json"
            )
        yield from _check_claims(options, settings)

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the endpoints, the header of `/get-session` and the verifier."""
        settings, options = services.settings, self.get_options(services.settings)
        key_pair = _make_signer(services, options)
        tokens = key_pair or SharedSecretTokens(
            settings, options, services.hooks, names_email=not services.schema.adopted
        )
        keys = PublicKeys(options, services.database, services.tables, key_pair)
        header = AccessTokenHeader(tokens).give
        path = options.jwks.jwks_path
        return BuiltPlugin(
            routes=TokenRoutes(services.guard, tokens, keys, jwks_path=path).list_routes(),
            chosen_paths={"BETTER_AUTH_JWT_JWKS_JWKS_PATH": f"GET {path}"},
            hooks=Hooks(session_read=[] if options.disable_setting_jwt_header else [header]),
            authenticator=_make_authenticator(settings, options, keys),
            token_issuer=TokenIssuer(tokens.issue, options.expiration_time),
            make_key_pairs=partial(_make_key_pairs, services, options),
            make_secret_uses=partial(_make_secret_uses, services, options),
        )


def _check_claims(options: JwtOptions, settings: Settings) -> Iterator[str]:
    own = (field.name for field in settings.additional_fields.user if field.returned)
    known = (*_USER_FIELDS, *own)
    for claim in options.claims or ():
        if claim not in known:
            yield (
                f"BETTER_AUTH_JWT_CLAIMS: {claim!r} is not a user field;"
                f" choose from {', '.join(known)}"
            )


def _make_signer(services: Services, options: JwtOptions) -> KeyPairSigner | None:
    """Returns None if the shared secret signs."""
    if options.alg == "HS256":
        return None
    from .key_makers import make_signer  # noqa: PLC0415 - cryptography

    return make_signer(services, options)


def _make_key_pairs(services: Services, options: JwtOptions) -> KeyPairs:
    from .key_makers import make_rotation  # noqa: PLC0415 - cryptography

    return make_rotation(services, options)


def _make_secret_uses(services: Services, options: JwtOptions) -> SecretUses:
    """Private keys that have expired are left out, because they sign nothing any more."""
    tables, by_shared_secret = services.tables, options.alg == "HS256"
    expires_at = tables.jwks.c.expiresAt
    limit = literal(to_iso(now()), expires_at.type)
    is_over = is_before(expires_at, limit, services.database.dialect)
    private_keys = EncryptedColumn(
        "private keys",
        tables.jwks,
        tables.jwks.c.privateKey,
        _DELETE if by_shared_secret else _ROTATE,
        is_json=True,
        where=or_(expires_at.is_(None), not_(is_over)),
    )
    signs = by_shared_secret and options.secret is None
    return SecretUses(
        () if options.jwks.disable_private_key_encryption else (private_keys,),
        {"access tokens": options.expiration_time} if signs else {},
    )


def _make_authenticator(settings: Settings, options: JwtOptions, keys: PublicKeys) -> Authenticator:
    """Returns the verifier of the tokens of this service."""
    if options.alg == "HS256":
        issuer = options.issuer or settings.origin
        secrets = list_secrets(settings, options)
        return Verifier(secrets, issuer=issuer, audience=options.audience)
    from .verifier import make_verifier  # noqa: PLC0415 - cryptography

    return make_verifier(settings, options, keys)


PLUGIN: Final = JwtPlugin()
