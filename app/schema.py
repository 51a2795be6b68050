"""The schema: look at it, bring it up to date, adopt a database that the Node server made."""

from app.migration import Report, check, migrate, sql
from app.schema_state import SchemaError, SchemaState, inspect, is_current

__all__ = [
    "Report",
    "SchemaError",
    "SchemaState",
    "check",
    "inspect",
    "is_current",
    "migrate",
    "sql",
]
