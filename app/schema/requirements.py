"""What the settings require of the schema."""

from ..settings.settings import Settings
from .migrate import Report, check, migrate, sql
from .state import (
    NOT_CURRENT,
    SchemaError,
    SchemaState,
    Wanted,
    count_restricted,
    inspect,
    is_current,
    read_state,
)

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
    """Returns what these settings require of the schema."""
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
