"""Chooses where sessions, verifications, counters of rate limits and audit events are stored."""

from functools import partial

from ..auth.audit.audit import Audit, DatabaseAudit, NoAudit
from ..auth.rate_limits.database import DatabaseRateLimits
from ..auth.rate_limits.memory import MemoryRateLimits
from ..auth.rate_limits.secondary import StorageRateLimits
from ..auth.restrictions import Restrictions
from ..auth.sessions.database_store import DatabaseSessions
from ..auth.sessions.mirrored_store import MirroredSessions
from ..auth.sessions.secondary_store import StorageSessions
from ..auth.sessions.store import SessionStore
from ..auth.verifications.database import DatabaseVerifications, Verifications
from ..auth.verifications.secondary import MirroredVerifications, StoredVerifications
from ..models.mappers import Mappers
from ..models.tables import IMPERSONATION_COLUMN, Tables
from ..schema.state import SchemaState
from ..settings.settings import Settings
from ..web.rate_rule import RateLimits
from .resources import Resources


def choose_rate_limits(
    settings: Settings, resources: Resources, tables: Tables
) -> RateLimits | None:
    """Returns where requests and wrong passwords are counted; None if nothing is limited."""
    if not settings.rate_limit.enabled:
        return None
    if settings.rate_limit_storage == "database":
        return DatabaseRateLimits(resources.database, tables)
    if settings.rate_limit_storage == "secondary-storage" and resources.storage is not None:
        return StorageRateLimits(resources.storage)
    return MemoryRateLimits()


def choose_audit(
    settings: Settings, resources: Resources, schema: SchemaState, tables: Tables
) -> Audit:
    """Returns where events are written."""
    if not is_audit_on(settings, schema):
        return NoAudit()
    return DatabaseAudit(resources.database, tables, resources.background)


def is_audit_on(settings: Settings, schema: SchemaState) -> bool:
    """Whether the audit is on: not on an adopted database, unless a setting says so."""
    return not schema.adopted if settings.audit is None else settings.audit


def choose_verifications(settings: Settings, resources: Resources, tables: Tables) -> Verifications:
    """Returns the store of one-time values: the database, the secondary storage, or both."""
    options, storage, database = settings.verification, resources.storage, resources.database
    rows = DatabaseVerifications(database, tables, options)
    if storage is None:
        return rows
    kept = StoredVerifications(storage, options, database)
    return MirroredVerifications(kept, rows) if options.store_in_database else kept


def choose_session_store(
    settings: Settings,
    resources: Resources,
    schema: SchemaState,
    mappers: Mappers,
    restrictions: Restrictions,
) -> SessionStore:
    """Returns the store of sessions: the database, the secondary storage, or both."""
    storage, options = resources.storage, settings.session
    layout = schema.layout.describe_table("session")
    rows = partial(
        DatabaseSessions,
        resources.database,
        mappers,
        restrictions,
        impersonated_by=(
            layout.describe_column(IMPERSONATION_COLUMN).name if schema.has_impersonation else None
        ),
    )
    if storage is None:
        return rows(preserve=False)
    cached = StorageSessions(
        storage, mappers, resources.database, restrictions, expires_in=settings.longest_session
    )
    if not options.store_session_in_database:
        return cached
    preserve = options.preserve_session_in_database
    return MirroredSessions(cached, rows(preserve=preserve), preserve=preserve)
