"""The options of the `jwt` plugin, named after Better Auth's own."""

from typing import Annotated, Literal

from msgspec import Struct

from ...settings.option_types import Duration, Range, SecretText, TableNames


class KeyPairConfig(Struct, frozen=True, kw_only=True):
    """`jwt.jwks.keyPairConfig`, without its algorithm; `modulus_length` is RSA's, in bits."""

    modulus_length: Annotated[int, Range(2048, 16384)] = 2048


class JwksOptions(Struct, frozen=True, kw_only=True):
    """`jwt.jwks`; times are seconds, an interval of 0 is none."""

    rotation_interval: int | None = None
    grace_period: int = 30 * 24 * 3600
    jwks_path: str = "/jwks"
    disable_private_key_encryption: bool = False
    key_pair_config: KeyPairConfig = KeyPairConfig()


class JwtSchemaOptions(Struct, frozen=True, kw_only=True):
    """`jwt.schema`."""

    jwks: TableNames = TableNames()


class JwtOptions(Struct, frozen=True, kw_only=True):
    """The `jwt` plugin; `expiration_time` is seconds, `claims` are JSON names of user fields."""

    alg: Literal["HS256", "EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256"] = "HS256"
    secret: SecretText | None = None
    issuer: str | None = None
    audience: tuple[str, ...] = ()
    expiration_time: Duration = 15 * 60
    claims: tuple[str, ...] | None = None
    disable_setting_jwt_header: bool = False
    jwks: JwksOptions = JwksOptions()
    schema: JwtSchemaOptions = JwtSchemaOptions()

    def __repr__(self) -> str:
        return f"JwtOptions(issuer={self.issuer!r}, …)"  # never the secret
