"""All options of the service, as one frozen tree with the names of Better Auth.

The field path is the option's name: `session.expires_in` is Better Auth's `session.expiresIn`
and is read from `BETTER_AUTH_SESSION_EXPIRES_IN` (see `app.settings.environment`).
"""

from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from ..models.additional_fields import AdditionalFields
from .argon2_cost import OWASP, Argon2Cost
from .option_types import TableNames
from .options import (
    AccountOptions,
    AdvancedOptions,
    ApiErrorOptions,
    EmailAndPasswordOptions,
    EmailVerificationOptions,
    ExpoOptions,
    RateLimitOptions,
    SessionOptions,
    UserOptions,
    VerificationOptions,
    VersionedSecret,
)
from .plugin_settings import PluginSettings

DEFAULT_BASE_PATH = "/api/auth"


class Settings(Struct, frozen=True, kw_only=True):
    """All settings. Only `secret` has no default. With `secrets` it is the current one.

    `mails_by_hook`: a hook sends mails. No variable sets it.
    """

    secret: str
    secrets: tuple[VersionedSecret, ...] = ()
    app_name: str = "Better Auth"
    url: str = "http://localhost:8000"
    base_path: str = DEFAULT_BASE_PATH
    trusted_origins: tuple[str, ...] = ()
    disabled_paths: tuple[str, ...] = ()
    email_and_password: EmailAndPasswordOptions = EmailAndPasswordOptions()
    email_verification: EmailVerificationOptions = EmailVerificationOptions()
    user: UserOptions = UserOptions()
    session: SessionOptions = SessionOptions()
    verification: VerificationOptions = VerificationOptions()
    rate_limit: RateLimitOptions = RateLimitOptions()
    account: AccountOptions = AccountOptions()
    advanced: AdvancedOptions = AdvancedOptions()
    on_api_error: ApiErrorOptions = ApiErrorOptions()
    expo: ExpoOptions = ExpoOptions()
    plugins: tuple[PluginSettings, ...] = ()
    password_hash: Literal["argon2id", "scrypt"] | None = None
    argon2_memory_cost: int = OWASP[2]
    argon2_time_cost: int = 2
    argon2_parallelism: int = 1
    database_url: str = "sqlite+aiosqlite:///auth.db"
    database_prepared: bool | None = None
    database_wait: int = 30
    redis_url: str | None = None
    redis_key_prefix: str = "better-auth:"
    smtp_url: str | None = None
    mail_from: str | None = None
    mail_templates: str | None = None
    hooks: str | None = None
    mails_by_hook: bool = False
    session_cleanup: bool | None = None
    audit: bool | None = None
    audit_keep_days: int = 365
    webhook_url: str | None = None
    webhook_secret: tuple[str, ...] = ()
    webhook_events: tuple[str, ...] = ()
    webhook_allow_private: bool = False
    task_api: bool | None = None
    api_docs: bool | None = None
    host: str = "localhost"
    port: int = 8000
    log_format: Literal["console", "json"] = "console"
    workers: int = 1
    metrics_listen: str | None = None
    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_traces_endpoint: str | None = None

    def __repr__(self) -> str:
        return f"Settings(url={self.url!r}, …)"  # never the secret, or the password of a store

    @property
    def argon2_cost(self) -> Argon2Cost:
        """What a new argon2id hash costs."""
        memory, passes = self.argon2_memory_cost, self.argon2_time_cost
        return Argon2Cost(memory, passes, self.argon2_parallelism)

    @property
    def additional_fields(self) -> AdditionalFields:
        """Returns the fields of records that are not Better Auth's core. Plugins come first."""
        of_user = (field for plugin in self.plugins for field in plugin.user_fields)
        of_session = (field for plugin in self.plugins for field in plugin.session_fields)
        return AdditionalFields(
            (*of_user, *self.user.additional_fields),
            (*of_session, *self.session.additional_fields),
        )

    @property
    def table_names(self) -> dict[str, TableNames]:
        """Returns `modelName` and `fields` by Better Auth's names of the tables."""
        names: dict[str, TableNames] = {
            "user": self.user,
            "session": self.session,
            "account": self.account,
            "verification": self.verification,
            "rateLimit": self.rate_limit,
        }
        for plugin in self.plugins:
            names.update(plugin.table_names)
        return names

    @property
    def longest_session(self) -> int:
        """Returns the seconds that a session may live, also one of a plugin."""
        return max(self.session.expires_in, 0, *(each.longest_session for each in self.plugins))

    @property
    def origin(self) -> str:
        """Scheme, host and port of the base URL, as in RFC 6454."""
        return get_origin(self.url)

    @property
    def auth_path(self) -> str:
        """The base path. A path in the base URL replaces `base_path`."""
        inside = urlsplit(self.url).path.rstrip("/")
        return inside or ("/" + self.base_path.strip("/")).rstrip("/")

    @property
    def rate_limit_storage(self) -> str:
        """The storage of the rate limit counters."""
        beside = "memory" if self.redis_url is None else "secondary-storage"
        return self.rate_limit.storage or beside

    @property
    def is_https(self) -> bool:
        """Whether the base URL is https, which means production."""
        return self.url.lower().startswith("https://")

    @property
    def offers_docs(self) -> bool:
        """Whether the API docs are on."""
        return not self.is_https if self.api_docs is None else self.api_docs

    @property
    def offers_tasks(self) -> bool | None:
        """Whether the sample API is on. None: only in a database that this service made."""
        return False if self.task_api is None and self.is_https else self.task_api

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies carry `Secure` and the `__Secure-` prefix."""
        chosen = self.advanced.use_secure_cookies
        return self.is_https if chosen is None else chosen

    @property
    def sends_mail(self) -> bool:
        """Whether mail can be sent: by a mail server, to the console, or by a hook."""
        return self.smtp_url is not None or self.mails_by_hook

    @property
    def sends_reset_password(self) -> bool:
        """Whether mails to choose a new password with are sent."""
        chosen = self.email_and_password.send_reset_password
        return self.sends_mail if chosen is None else chosen

    @property
    def sends_verification_email(self) -> bool:
        """Whether this server mails links that verify an address."""
        chosen = self.email_verification.send_verification_email
        return self.sends_mail if chosen is None else chosen

    @property
    def current_and_former_secrets(self) -> tuple[str, ...]:
        """All secrets that signed tokens. The first one signs now."""
        versioned = (secret.value for secret in self.secrets if secret.version is not None)
        return tuple(dict.fromkeys((self.secret, *versioned)))

    @property
    def signs_with_newest_secret(self) -> bool:
        """Whether the first version is the highest, so no newer secret is being rolled out."""
        versions = [secret.version for secret in self.secrets if secret.version is not None]
        return bool(versions) and versions[0] == max(versions)

    @property
    def sends_traces(self) -> bool:
        """Whether traces go to a collector."""
        endpoint = self.otel_exporter_otlp_traces_endpoint or self.otel_exporter_otlp_endpoint
        return endpoint is not None

    @property
    def storage_prefix(self) -> str:
        """The prefix of every key in Redis. `none` means no prefix, because empty means unset."""
        return "" if self.redis_key_prefix == "none" else self.redis_key_prefix


def get_origin(url: str) -> str:
    """Returns the origin of a URL: lower-case scheme and host, without the default port."""
    split = urlsplit(url)
    scheme, host = split.scheme.lower(), (split.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}.get(scheme)
    port = "" if split.port in (None, default) else f":{split.port}"
    return f"{scheme}://{host}{port}"
