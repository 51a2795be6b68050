"""The groups of options that `app.settings.settings` is made of, named after Better Auth's own."""

from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from msgspec import Struct

from ..models.additional_fields import AdditionalField
from .cookie_options import CookieAttributes, CookieOverrides
from .option_types import TableNames
from .rate_limit_rules import CustomRule


class VersionedSecret(Struct, frozen=True):
    """One of `secrets`. Without a version it only decrypts texts without a version."""

    version: int | None
    value: str

    def __repr__(self) -> str:
        return f"VersionedSecret({self.version!r}, …)"  # never the secret


class EmailAndPasswordOptions(Struct, frozen=True, kw_only=True):
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


class EmailVerificationOptions(Struct, frozen=True, kw_only=True):
    """`emailVerification`; `expires_in` is seconds.

    `send_verification_email` unset is on with a mail server, `send_on_sign_up` unset is
    `emailAndPassword.requireEmailVerification`.
    """

    send_verification_email: bool | None = None
    send_on_sign_up: bool | None = None
    send_on_sign_in: bool = False
    auto_sign_in_after_verification: bool = False
    expires_in: int = 3600


class ChangeEmailOptions(Struct, frozen=True, kw_only=True):
    """`user.changeEmail`. With a confirmation, a verified user is asked at the old address."""

    enabled: bool = False
    send_change_email_confirmation: bool = False
    update_email_without_verification: bool = False


class DeleteUserOptions(Struct, frozen=True, kw_only=True):
    """`user.deleteUser`."""

    enabled: bool = False
    send_delete_account_verification: bool = False
    delete_token_expires_in: int = 24 * 3600


class UserOptions(TableNames, frozen=True, kw_only=True):
    """`user`."""

    change_email: ChangeEmailOptions = ChangeEmailOptions()
    delete_user: DeleteUserOptions = DeleteUserOptions()
    additional_fields: tuple[AdditionalField, ...] = ()


class CookieCacheOptions(Struct, frozen=True, kw_only=True):
    """`session.cookieCache`; `max_age` is seconds, another `version` ends all cached sessions."""

    enabled: bool = False
    max_age: int = 300
    strategy: Literal["compact", "jwt", "jwe"] = "compact"
    version: str = "1"


class SessionOptions(TableNames, frozen=True, kw_only=True):
    """`session`; ages are seconds."""

    expires_in: int = 7 * 24 * 3600
    update_age: int = 24 * 3600
    fresh_age: int = 24 * 3600
    disable_session_refresh: bool = False
    defer_session_refresh: bool = False
    store_session_in_database: bool = False
    preserve_session_in_database: bool = False
    additional_fields: tuple[AdditionalField, ...] = ()
    cookie_cache: CookieCacheOptions = CookieCacheOptions()


class VerificationOptions(TableNames, frozen=True, kw_only=True):
    """`verification`: how the values of mailed links are stored."""

    store_identifier: Literal["plain", "hashed"] = "plain"
    disable_cleanup: bool = False
    store_in_database: bool = False


class RateLimitOptions(TableNames, frozen=True, kw_only=True):
    """`rateLimit`: at most `max` requests in `window` seconds, unless a rule is stricter.

    Without `storage` it is the secondary storage if there is one, else memory.
    """

    enabled: bool = True
    window: int = 10
    max: int = 100
    custom_rules: tuple[CustomRule, ...] = ()
    storage: Literal["memory", "database", "secondary-storage"] | None = None


class IpAddressOptions(Struct, frozen=True, kw_only=True):
    """`advanced.ipAddress`; a forwarding header counts only when a trusted proxy sent it."""

    ip_address_headers: tuple[str, ...] = ("x-forwarded-for",)
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    ipv6_subnet: int = 64
    disable_ip_tracking: bool = False


class CrossSubDomainCookieOptions(Struct, frozen=True, kw_only=True):
    """`advanced.crossSubDomainCookies`; `domain` defaults to the host of the base URL."""

    enabled: bool = False
    domain: str | None = None


class DatabaseOptions(Struct, frozen=True, kw_only=True):
    """`advanced.database`. Columns of the type uuid get UUIDs without `generate_id`."""

    generate_id: Literal["uuid"] | None = None


class AdvancedOptions(Struct, frozen=True, kw_only=True):
    """`advanced`; `disable_origin_check` may name paths, and what lies below them, instead."""

    disable_csrf_check: bool | None = None
    disable_origin_check: bool | tuple[str, ...] = False
    skip_trailing_slashes: bool = False
    use_secure_cookies: bool | None = None
    cookie_prefix: str = "better-auth"
    cross_sub_domain_cookies: CrossSubDomainCookieOptions = CrossSubDomainCookieOptions()
    default_cookie_attributes: CookieAttributes = CookieAttributes()
    cookies: CookieOverrides | None = None
    ip_address: IpAddressOptions = IpAddressOptions()
    database: DatabaseOptions = DatabaseOptions()


class AccountLinkingOptions(Struct, frozen=True, kw_only=True):
    """`account.accountLinking`; the rest of it is for social providers."""

    allow_unlinking_all: bool = False


class AccountOptions(TableNames, frozen=True, kw_only=True):
    """`account`."""

    account_linking: AccountLinkingOptions = AccountLinkingOptions()


class ApiErrorOptions(Struct, frozen=True, kw_only=True):
    """`onAPIError`; `error_url` is a path or an absolute URL."""

    error_url: str | None = None


class ExpoOptions(Struct, frozen=True, kw_only=True):
    """The `expo` plugin. With `disable_origin_override` only `Origin` is used."""

    disable_origin_override: bool = False
