"""Every option of the service: one frozen tree, named after Better Auth's own options.

The field path is the option's name: `session.expires_in` is Better Auth's `session.expiresIn`
and is read from `BETTER_AUTH_SESSION_EXPIRES_IN` (see `app.environ`).
"""

from ipaddress import IPv4Network, IPv6Network
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from app.additional_fields import AdditionalField
from app.cookie_options import CookieAttributes, CookieOverrides

DEFAULT_BASE_PATH = "/api/auth"


class VersionedSecret(Struct, frozen=True):
    """One of `secrets`; without a version it only opens what was encrypted before versions."""

    version: int | None
    value: str

    def __repr__(self) -> str:
        return f"VersionedSecret({self.version!r}, …)"  # never the secret


class EmailAndPassword(Struct, frozen=True, kw_only=True):
    """`emailAndPassword`; lengths are UTF-16 code units, as JavaScript counts them."""

    enabled: bool = True
    disable_sign_up: bool = False
    auto_sign_in: bool = True
    min_password_length: int = 8
    max_password_length: int = 128
    require_email_verification: bool = False
    send_reset_password: bool | None = None
    reset_password_token_expires_in: int = 3600
    revoke_sessions_on_password_reset: bool = False


class EmailVerification(Struct, frozen=True, kw_only=True):
    """`emailVerification`; `expires_in` is seconds.

    `send_verification_email` unset is on with a mail server, `send_on_sign_up` unset is
    `emailAndPassword.requireEmailVerification`.
    """

    send_verification_email: bool | None = None
    send_on_sign_up: bool | None = None
    send_on_sign_in: bool = False
    auto_sign_in_after_verification: bool = False
    expires_in: int = 3600


class ChangeEmail(Struct, frozen=True, kw_only=True):
    """`user.changeEmail`; a confirmation goes to the old address of a verified user first."""

    enabled: bool = False
    send_change_email_confirmation: bool = False
    update_email_without_verification: bool = False


class DeleteUser(Struct, frozen=True, kw_only=True):
    """`user.deleteUser`."""

    enabled: bool = False
    send_delete_account_verification: bool = False
    delete_token_expires_in: int = 24 * 3600


class UserOptions(Struct, frozen=True, kw_only=True):
    """`user`."""

    change_email: ChangeEmail = ChangeEmail()
    delete_user: DeleteUser = DeleteUser()
    additional_fields: tuple[AdditionalField, ...] = ()


class CookieCachePolicy(Struct, frozen=True, kw_only=True):
    """`session.cookieCache`; `max_age` is seconds, another `version` ends all cached sessions."""

    enabled: bool = False
    max_age: int = 300
    strategy: Literal["compact", "jwt", "jwe"] = "compact"
    version: str = "1"


class SessionPolicy(Struct, frozen=True, kw_only=True):
    """`session`; ages are seconds."""

    expires_in: int = 7 * 24 * 3600
    update_age: int = 24 * 3600
    fresh_age: int = 24 * 3600
    disable_session_refresh: bool = False
    defer_session_refresh: bool = False
    store_session_in_database: bool = False
    preserve_session_in_database: bool = False
    additional_fields: tuple[AdditionalField, ...] = ()
    cookie_cache: CookieCachePolicy = CookieCachePolicy()


class Verification(Struct, frozen=True, kw_only=True):
    """`verification`; how the values behind mailed links are kept."""

    store_identifier: Literal["plain", "hashed"] = "plain"
    disable_cleanup: bool = False
    store_in_database: bool = False


class RateLimitPolicy(Struct, frozen=True, kw_only=True):
    """`rateLimit`; at most `max` requests in `window` seconds where no stricter rule applies."""

    enabled: bool = True
    window: int = 10
    max: int = 100


class IpAddress(Struct, frozen=True, kw_only=True):
    """`advanced.ipAddress`; a forwarding header counts only when a trusted proxy sent it."""

    ip_address_headers: tuple[str, ...] = ("x-forwarded-for",)
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    ipv6_subnet: int = 64
    disable_ip_tracking: bool = False


class CrossSubDomainCookies(Struct, frozen=True, kw_only=True):
    """`advanced.crossSubDomainCookies`; `domain` defaults to the host of the base URL."""

    enabled: bool = False
    domain: str | None = None


class Advanced(Struct, frozen=True, kw_only=True):
    """`advanced`; `disable_origin_check` may name paths, and what lies below them, instead."""

    disable_csrf_check: bool | None = None
    disable_origin_check: bool | tuple[str, ...] = False
    skip_trailing_slashes: bool = False
    use_secure_cookies: bool | None = None
    cookie_prefix: str = "better-auth"
    cross_sub_domain_cookies: CrossSubDomainCookies = CrossSubDomainCookies()
    default_cookie_attributes: CookieAttributes = CookieAttributes()
    cookies: CookieOverrides | None = None
    ip_address: IpAddress = IpAddress()


class KeyPairConfig(Struct, frozen=True, kw_only=True):
    """`jwt.jwks.keyPairConfig`, without its algorithm; `modulus_length` is RSA's, in bits."""

    modulus_length: int = 2048


class Jwks(Struct, frozen=True, kw_only=True):
    """`jwt.jwks`; times are seconds, an interval of 0 is none."""

    rotation_interval: int | None = None
    grace_period: int = 30 * 24 * 3600
    jwks_path: str = "/jwks"
    disable_private_key_encryption: bool = False
    key_pair_config: KeyPairConfig = KeyPairConfig()


class AccountLinking(Struct, frozen=True, kw_only=True):
    """`account.accountLinking`; the rest of it is for social providers."""

    allow_unlinking_all: bool = False


class AccountPolicy(Struct, frozen=True, kw_only=True):
    """`account`."""

    account_linking: AccountLinking = AccountLinking()


class OnApiError(Struct, frozen=True, kw_only=True):
    """`onAPIError`; `error_url` is a path or an absolute URL."""

    error_url: str | None = None


class Jwt(Struct, frozen=True, kw_only=True):
    """The `jwt` plugin; `expiration_time` is seconds, `claims` are JSON names of user fields."""

    alg: Literal["HS256", "EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256"] = "HS256"
    secret: str | None = None
    issuer: str | None = None
    audience: tuple[str, ...] = ()
    expiration_time: int = 15 * 60
    claims: tuple[str, ...] | None = None
    disable_setting_jwt_header: bool = False
    jwks: Jwks = Jwks()

    def __repr__(self) -> str:
        return f"Jwt(issuer={self.issuer!r}, …)"  # never the secret


class Bearer(Struct, frozen=True, kw_only=True):
    """The `bearer` plugin; with `require_signature` a session token alone proves nothing."""

    require_signature: bool = False


class Settings(Struct, frozen=True, kw_only=True):
    """All of it. Only `secret` has no default; it is the current one where there are `secrets`."""

    secret: str
    secrets: tuple[VersionedSecret, ...] = ()
    url: str = "http://localhost:8000"
    base_path: str = DEFAULT_BASE_PATH
    trusted_origins: tuple[str, ...] = ()
    disabled_paths: tuple[str, ...] = ()
    email_and_password: EmailAndPassword = EmailAndPassword()
    email_verification: EmailVerification = EmailVerification()
    user: UserOptions = UserOptions()
    session: SessionPolicy = SessionPolicy()
    verification: Verification = Verification()
    rate_limit: RateLimitPolicy = RateLimitPolicy()
    account: AccountPolicy = AccountPolicy()
    advanced: Advanced = Advanced()
    on_api_error: OnApiError = OnApiError()
    jwt: Jwt = Jwt()
    bearer: Bearer = Bearer()
    password_hash: Literal["argon2id", "scrypt"] | None = None
    database_url: str = "sqlite+aiosqlite:///auth.db"
    database_prepared: bool | None = None
    redis_url: str | None = None
    redis_key_prefix: str = "better-auth:"
    smtp_url: str | None = None
    mail_from: str | None = None
    mail_templates: str | None = None
    task_api: bool | None = None
    port: int = 8000
    log_format: Literal["console", "json"] = "console"
    workers: int = 1

    def __repr__(self) -> str:
        return f"Settings(url={self.url!r}, …)"  # never the secret, or the password of a store

    @property
    def origin(self) -> str:
        """Scheme, host and port of the base URL, as in RFC 6454."""
        return origin_of(self.url)

    @property
    def auth_path(self) -> str:
        """Where the routes live: a path inside the base URL replaces `base_path`."""
        inside = urlsplit(self.url).path.rstrip("/")
        return inside or ("/" + self.base_path.strip("/")).rstrip("/")

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies carry `Secure` and the `__Secure-` prefix."""
        chosen = self.advanced.use_secure_cookies
        return self.url.startswith("https://") if chosen is None else chosen

    @property
    def sends_reset_password(self) -> bool:
        """Whether mails to choose a new password with are sent."""
        chosen = self.email_and_password.send_reset_password
        return self.smtp_url is not None if chosen is None else chosen

    @property
    def sends_verification_email(self) -> bool:
        """Whether this server mails links that verify an address."""
        chosen = self.email_verification.send_verification_email
        return self.smtp_url is not None if chosen is None else chosen

    @property
    def access_token_secrets(self) -> tuple[str, ...]:
        """The HS256 keys of access tokens: the first signs, all of them verify."""
        if self.jwt.secret:
            return (self.jwt.secret,)
        return self.current_and_former_secrets

    @property
    def current_and_former_secrets(self) -> tuple[str, ...]:
        """Those that tokens were signed with; the first signs now."""
        versioned = (secret.value for secret in self.secrets if secret.version is not None)
        return tuple(dict.fromkeys((self.secret, *versioned)))

    @property
    def storage_prefix(self) -> str:
        """What every key in Redis begins with; an empty variable would be an unset one."""
        return "" if self.redis_key_prefix == "none" else self.redis_key_prefix


def origin_of(url: str) -> str:
    """The URL's origin: lower-case scheme and host, no default port."""
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}.get(scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{scheme}://{host}{port}"
