"""The tables whose rows expire, and what the settings say about deleting them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Column, Table

from ..auth.audit.table import audit_events
from ..auth.webhooks.table import webhook_events
from ..models.clock import from_iso, to_iso, to_milliseconds
from ..models.tables import Tables, make_tables
from ..schema.state import SchemaState
from ..settings.settings import Settings
from ..web.rate_rule import FAILURES
from .stores import is_audit_on

KEPT: Final = timedelta(days=1)  # after they have expired: a clock may have jumped ahead
_DEAD_WEBHOOKS: Final = timedelta(days=30)  # that an operator has to send them again
_IN_REDIS: Final = "they are in Redis, which deletes them when they expire"
_ADOPTED: Final = (
    "a Node server made the database, and it deletes none; SESSION_CLEANUP=true deletes them"
)
_PRESERVED: Final = (
    "BETTER_AUTH_SESSION_PRESERVE_SESSION_IN_DATABASE=true keeps them; remove it to delete them"
)
_CLEANUP_OFF: Final = "SESSION_CLEANUP=false keeps them; remove it to delete them"
_DISABLED: Final = (
    "BETTER_AUTH_VERIFICATION_DISABLE_CLEANUP=true keeps them; remove it to delete them"
)

_AUDIT_FOREVER: Final = "AUDIT_KEEP_DAYS=0 keeps them; set a number of days to delete them"


class Expiring(Struct, frozen=True):
    """A table whose rows expire when the time in a column is before now, by `kept`.

    `name` is what the log calls its rows, `read` turns a value of the column into a time, `write` a
    time into a value. `in_order`: the ids grow with that time, so nothing expired comes after what
    has not.
    """

    name: str
    table: Table
    column: Column[object]
    read: Callable[[Any], datetime]
    write: Callable[[datetime], object]
    kept: timedelta = KEPT
    in_order: bool = False


class KeptTable(Struct, frozen=True):
    """A table whose expired rows stay. `why` says so, with the setting that decides."""

    name: str
    why: str


def list_expiring(settings: Settings, schema: SchemaState) -> Iterator[Expiring | KeptTable]:
    """Yields the tables in which rows expire under these settings.

    A Node server deletes no sessions, so on its database this service does not either, unless a
    setting says so.
    """
    tables = make_tables(schema.layout)
    for name, table, why in (
        ("sessions", tables.sessions, _find_why_sessions_stay(settings, schema)),
        ("verifications", tables.verifications, _find_why_verifications_stay(settings)),
    ):
        if why is None:
            yield Expiring(name, table, table.c.expiresAt, from_iso, to_iso)
        else:
            yield KeptTable(name, why)
    if settings.rate_limit.enabled and settings.rate_limit_storage == "database":
        yield _describe_counters(settings, tables)
    if is_audit_on(settings, schema):
        yield _describe_audit(settings, tables)
    if settings.webhook_url is not None:
        yield _describe_webhooks(tables)


def _find_why_sessions_stay(settings: Settings, schema: SchemaState) -> str | None:
    options, chosen = settings.session, settings.session_cleanup
    if settings.redis_url is not None and not options.store_session_in_database:
        return _IN_REDIS
    if options.preserve_session_in_database:
        return _PRESERVED
    if chosen is None:
        return _ADOPTED if schema.adopted else None
    return None if chosen else _CLEANUP_OFF


def _find_why_verifications_stay(settings: Settings) -> str | None:
    options = settings.verification
    if settings.redis_url is not None and not options.store_in_database:
        return _IN_REDIS
    return _DISABLED if options.disable_cleanup else None


def _describe_counters(settings: Settings, tables: Tables) -> Expiring:
    table, kept = tables.rate_limits, timedelta(seconds=_find_longest_window(settings))
    last = table.c.lastRequest
    return Expiring("counters", table, last, _from_milliseconds, to_milliseconds, kept)


def _describe_audit(settings: Settings, tables: Tables) -> Expiring | KeptTable:
    if not settings.audit_keep_days:
        return KeptTable("audit", _AUDIT_FOREVER)
    table, kept = tables.make(audit_events), timedelta(days=settings.audit_keep_days)
    at = table.c.created_at
    return Expiring("audit", table, at, from_iso, to_iso, kept, in_order=True)


def _describe_webhooks(tables: Tables) -> Expiring:
    """Returns the webhooks that were given up. What waits never expires."""
    table = tables.make(webhook_events)
    dead_at = table.c.dead_at
    return Expiring("webhooks", table, dead_at, _read_end, to_iso, _DEAD_WEBHOOKS)


def _read_end(value: str | None) -> datetime:
    return datetime.max.replace(tzinfo=UTC) if value is None else from_iso(value)


def _find_longest_window(settings: Settings) -> int:
    """Returns the longest window of all rules, in seconds."""
    windows = [rule.window or 0 for rule in settings.rate_limit.custom_rules]
    of_plugins = (plugin.longest_window for plugin in settings.plugins)
    return max(FAILURES.window, settings.rate_limit.window, *windows, *of_plugins)


def _from_milliseconds(value: object) -> datetime:
    try:
        return datetime.fromtimestamp(int(str(value)) / 1000, UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)
