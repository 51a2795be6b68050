"""Validates settings beyond their types: the text of one, and combinations."""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from msgspec.structs import fields

from ..bridge.table_names import COLUMNS, format_table_variable
from ..models.additional_fields import AdditionalField
from ..models.program_name import COMMAND
from ..models.records import Record, Session, User
from .argon2_cost import find_argon2_faults
from .cookie_validation import find_cookie_faults
from .listen_address import parse_listen_address
from .opentelemetry import find_endpoint_faults
from .origin_validation import find_origin_faults
from .plugin_settings import get_folder
from .redis_url import find_redis_url_fault
from .secrets import find_weakness
from .settings import Settings
from .smtp_url import SmtpUrlError, get_sender
from .webhooks import find_webhook_faults

_PATH: Final = re.compile(r"/?(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/|$))*")
_ROUTE: Final = re.compile(r"(?:/[^/?#\s]+)+")
_PLAIN_URL: Final = re.compile(r"(?:/(?!/)|[a-z][a-z0-9+.-]*://[A-Za-z0-9])[!-\[\]-~]*")
_SCRIPT: Final = re.compile(r"(?:javascript|data|vbscript):", re.IGNORECASE)
_OWN_PATHS: Final = ("/api/tasks", "/docs", "/health", "/schema")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 5.6.2
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")
# Columns of plugins that are read here, so that they may have other names, too.
_PLUGIN_COLUMNS: Final = {
    "user": ("banned", "twoFactorEnabled"),
    "session": ("impersonatedBy",),
}
_LONGEST_NAME: Final = 63  # bytes; PostgreSQL cuts a longer one
MEND: Final = f"make one with `{COMMAND} secret`"

NEEDS_SMTP: Final = "needs a mail server: set SMTP_URL, or SMTP_URL=console: to print mails"


def find_faults(settings: Settings) -> Iterator[str]:
    """Returns one line for each invalid setting, with its variable and the remedy."""
    yield from _check_secrets(settings)
    yield from _check_addresses(settings)
    yield from _check_storage(settings)
    yield from _check_telemetry(settings)
    yield from find_origin_faults(settings.trusted_origins)
    yield from _check_passwords(settings)
    yield from _check_cookies(settings)
    yield from _check_mail(settings)
    yield from _check_webhooks(settings)
    yield from _check_rate_limits(settings)
    yield from _check_paths(settings)
    yield from _check_error_url(settings.on_api_error.error_url)
    of_user, of_session = settings.user.additional_fields, settings.session.additional_fields
    plugins = settings.plugins
    yield from _check_table_names(settings)
    yield from _check_plugin_columns(settings)
    owned = [(each.id, field) for each in plugins for field in each.user_fields]
    yield from _check_additional_fields("USER", of_user, owned, User)
    owned = [(each.id, field) for each in plugins for field in each.session_fields]
    yield from _check_additional_fields("SESSION", of_session, owned, Session)


def _check_secrets(settings: Settings) -> Iterator[str]:
    # An empty one is reported as missing. With versions it protects nothing new.
    if not settings.secrets and settings.secret and (fault := find_weakness(settings.secret)):
        yield f"BETTER_AUTH_SECRET {fault}: {MEND}"
    for secret in settings.secrets:
        if secret.version is not None and (fault := find_weakness(secret.value)):
            yield f"BETTER_AUTH_SECRETS: version {secret.version} {fault}: {MEND}"


def _check_addresses(settings: Settings) -> Iterator[str]:
    if fault := _find_url_fault(settings.url):
        yield f"BETTER_AUTH_URL {fault}"
    if not _PATH.fullmatch(settings.base_path):
        yield "BETTER_AUTH_BASE_PATH must be a plain path such as /api/auth"
    elif any(f"{own}/".startswith(f"{settings.auth_path}/") for own in _OWN_PATHS):
        yield (
            f"BETTER_AUTH_BASE_PATH (or the path in BETTER_AUTH_URL) {settings.auth_path or '/'!r}"
            f" would cover {', '.join(_OWN_PATHS)}: choose another path, such as /api/auth"
        )
    for network in settings.advanced.ip_address.trusted_proxies:
        if network.prefixlen == 0:
            yield (
                f"BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES: {network} lets every client"
                " choose its own address: name the networks of your proxies, such as 10.0.0.0/8"
            )
    for header in settings.advanced.ip_address.ip_address_headers:
        if not _TOKEN.fullmatch(header):
            yield f"BETTER_AUTH_ADVANCED_IP_ADDRESS_IP_ADDRESS_HEADERS: {header!r} is not a header"


def _check_storage(settings: Settings) -> Iterator[str]:
    if settings.redis_url is not None and (fault := find_redis_url_fault(settings.redis_url)):
        yield f"REDIS_URL {fault}"


def _check_telemetry(settings: Settings) -> Iterator[str]:
    for name in ("otel_exporter_otlp_endpoint", "otel_exporter_otlp_traces_endpoint"):
        yield from find_endpoint_faults(name.upper(), getattr(settings, name))
    if settings.metrics_listen is None:
        return
    try:
        address = parse_listen_address(settings.metrics_listen)
    except ValueError as fault:
        yield f"METRICS_LISTEN {fault}"
        return
    if address.port == settings.port:
        yield (
            f"METRICS_LISTEN has the port of PORT ({settings.port}), which is public: metrics need"
            " another port, such as 9464"
        )


def _find_url_fault(url: str) -> str | None:
    try:
        split = urlsplit(url)
        known = split.scheme in {"http", "https"} and split.port != 0
    except ValueError:
        return "is not a URL: write it like http://localhost:8000"
    host = split.netloc.rpartition(":")[0] if split.port else split.netloc.removesuffix(":")
    if not known or not host:
        return "must begin with http:// or https:// and a host, like http://localhost:8000"
    if "@" in host or split.query or split.fragment:
        return "must have no user, query or fragment"
    if not _HOST.fullmatch(host):
        return "has no valid host: write it in ASCII (the xn-- form), like http://localhost:8000"
    if not _PATH.fullmatch(split.path):
        return "must have a plain path or none, like https://example.com/api/auth"
    return None


def _check_paths(settings: Settings) -> Iterator[str]:
    for path in settings.disabled_paths:
        if not _ROUTE.fullmatch(path):
            yield (
                f"BETTER_AUTH_DISABLED_PATHS: {path!r} never matches: write the path below the"
                f" base path, such as /sign-up/email"
            )
    unchecked = settings.advanced.disable_origin_check
    for path in unchecked if isinstance(unchecked, tuple) else ():
        if not _ROUTE.fullmatch(path.removesuffix("/")):
            yield (
                f"BETTER_AUTH_ADVANCED_DISABLE_ORIGIN_CHECK: {path!r} is not true, false or a"
                f" path below the base path, such as /callback"
            )


def _check_error_url(url: str | None) -> Iterator[str]:
    if url is not None and (not _PLAIN_URL.fullmatch(url) or _SCRIPT.match(url)):
        yield (
            "BETTER_AUTH_ON_API_ERROR_ERROR_URL must be a path such as /auth-error, or a URL"
            " such as https://example.com/auth-error"
        )


def _check_passwords(settings: Settings) -> Iterator[str]:
    yield from find_argon2_faults(settings.argon2_cost)
    options = settings.email_and_password
    if options.min_password_length > options.max_password_length:
        yield (
            "BETTER_AUTH_EMAIL_AND_PASSWORD_MIN_PASSWORD_LENGTH must not be above"
            f" BETTER_AUTH_EMAIL_AND_PASSWORD_MAX_PASSWORD_LENGTH ({options.max_password_length})"
        )


def _check_cookies(settings: Settings) -> Iterator[str]:
    known = None if _find_url_fault(settings.url) else urlsplit(settings.url).hostname
    # The same fault of every cookie is said once.
    yield from dict.fromkeys(find_cookie_faults(settings, known))


def _check_rate_limits(settings: Settings) -> Iterator[str]:
    if settings.rate_limit_storage == "secondary-storage" and settings.redis_url is None:
        yield "BETTER_AUTH_RATE_LIMIT_STORAGE=secondary-storage needs REDIS_URL"
    in_memory = settings.rate_limit.enabled and settings.rate_limit_storage == "memory"
    if settings.workers > 1 and in_memory:
        yield (
            f"WORKERS={settings.workers} would each count requests alone: set"
            " BETTER_AUTH_RATE_LIMIT_STORAGE=database or REDIS_URL, or turn the limits off with"
            " BETTER_AUTH_RATE_LIMIT_ENABLED=false"
        )


def _check_mail(settings: Settings) -> Iterator[str]:
    if not settings.sends_mail:
        yield from _check_mail_switches(settings)
    if settings.smtp_url is None:
        return
    try:
        get_sender(settings.mail_from, settings.smtp_url)
    except SmtpUrlError as fault:
        yield str(fault)


def _check_webhooks(settings: Settings) -> Iterator[str]:
    yield from find_webhook_faults(
        settings.webhook_url,
        settings.webhook_secret,
        settings.webhook_events,
        allow_private=settings.webhook_allow_private,
    )


def _check_mail_switches(settings: Settings) -> Iterator[str]:
    switches = {
        "EMAIL_AND_PASSWORD_SEND_RESET_PASSWORD": settings.sends_reset_password,
        "EMAIL_VERIFICATION_SEND_VERIFICATION_EMAIL": settings.sends_verification_email,
        "USER_CHANGE_EMAIL_SEND_CHANGE_EMAIL_CONFIRMATION": (
            settings.user.change_email.send_change_email_confirmation
        ),
        "USER_DELETE_USER_SEND_DELETE_ACCOUNT_VERIFICATION": (
            settings.user.delete_user.send_delete_account_verification
        ),
    }
    for name, switch in switches.items():
        if switch:
            yield f"BETTER_AUTH_{name} {NEEDS_SMTP}"


def _check_table_names(settings: Settings) -> Iterator[str]:
    """Checks that `fields` names columns that Better Auth has, and each one once."""
    of_plugins = {table: each for each in settings.plugins for table in each.table_columns}
    for table, names in settings.table_names.items():
        renamed, start = names.fields or {}, format_table_variable(table)
        columns = (*COLUMNS.get(table, ()), *_PLUGIN_COLUMNS.get(table, ()))
        if table in of_plugins and table not in COLUMNS:
            plugin = of_plugins[table]
            more = (field.name for field in plugin.table_fields.get(table, ()))
            columns = (*plugin.table_columns[table], *more)
            schema = f"BETTER_AUTH_{get_folder(plugin.id).upper()}_SCHEMA_"
            start = start.replace("BETTER_AUTH_", schema, 1)
        variable = f"{start}_FIELDS"
        for column in sorted(renamed.keys() - set(columns)):
            yield f"{variable}: {column!r} is not one of {', '.join(columns)}"
        physical = [renamed.get(column, column).lower() for column in columns]
        for name in sorted({each for each in physical if physical.count(each) > 1}):
            yield f"{variable}: two fields have the column {name!r}"
        model = f"{start}_MODEL_NAME"
        for where, name in ((model, names.model_name or ""), *((variable, n) for n in physical)):
            if len(name.encode()) > _LONGEST_NAME:
                yield f"{where}: {name!r} is longer than 63 bytes: give it its name in the database"


def _check_plugin_columns(settings: Settings) -> Iterator[str]:
    """Checks that no field of a plugin has the column of another field, such as `role` `name`."""
    for table in ("user", "session"):
        names = settings.table_names.get(table)
        renamed = (names.fields if names is not None else None) or {}
        taken = {renamed.get(column, column).lower() for column in COLUMNS[table]}
        for plugin in settings.plugins:
            for field in plugin.user_fields if table == "user" else plugin.session_fields:
                if field.column.lower() in taken:
                    yield (
                        f"BETTER_AUTH_{get_folder(plugin.id).upper()}_SCHEMA_…: {field.name!r} has"
                        f" the column {field.column!r} of another field of {table}: name another"
                    )
                taken.add(field.column.lower())


def _check_additional_fields(
    where: str,
    added: tuple[AdditionalField, ...],
    owned: Sequence[tuple[str, AdditionalField]],
    record: type[Record],
) -> Iterator[str]:
    """Checks that each field has its own name and column; `owned` are those of plugins."""
    core, variable = fields(record), f"BETTER_AUTH_{where}_ADDITIONAL_FIELDS"
    names = {field.name: plugin for plugin, field in owned}
    columns = {field.column.lower(): plugin for plugin, field in owned}
    taken = {f.name for f in core} | {f.encode_name for f in core}
    taken_columns = {f.encode_name.lower() for f in core}
    for field in added:
        column = field.column.lower()
        if field.name in names:
            yield f"the plugin {names[field.name]} has {field.name!r}: remove it from {variable}"
        elif field.name in taken or column in taken_columns:
            yield f"{variable}: {field.name!r} is a name of Better Auth: choose another"
        elif column in columns:
            yield (
                f"{variable}: {field.name!r} has the column {field.column!r} of the plugin"
                f" {columns[column]}: name another"
            )
        taken_columns.add(column)
