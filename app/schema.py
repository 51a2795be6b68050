"""The schema: look at it, bring it up to date, adopt a database that the Node server made."""

from app.migration import Report, check, migrate, sql
from app.schema_state import (
    NOT_CURRENT,
    SchemaError,
    SchemaState,
    Wanted,
    count_restricted,
    inspect,
    is_current,
    read_state,
)
from app.settings import Settings

__all__ = [
    "NOT_CURRENT",
    "Report",
    "SchemaError",
    "SchemaState",
    "Wanted",
    "check",
    "count_restricted",
    "inspect",
    "is_current",
    "migrate",
    "read_state",
    "sql",
    "wanted_by",
]


def wanted_by(settings: Settings) -> Wanted:
    """What these settings ask of the schema."""
    return Wanted(
        task_api=settings.offers_tasks,
        is_https=settings.is_https,
        rate_limits=settings.rate_limit.enabled and settings.rate_limit_storage == "database",
        storage=settings.redis_url is not None,
        fields={
            "user": settings.user.additional_fields,
            "session": settings.session.additional_fields,
        },
        password_hash=settings.password_hash,
        chosen_claims=settings.jwt.claims is not None or settings.jwt.alg != "HS256",
    )
