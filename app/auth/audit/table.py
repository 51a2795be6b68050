"""The table of audit events. It refers to no other one, because an event outlives its user."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from ...models.tables import make_timestamp_column
from ...schema.names import AUDIT_TABLE

_IS_ABOUT_OTHERS: Final = text("actor_id <> user_id")
_DETAILS: Final = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

audit_events = Table(
    AUDIT_TABLE,
    MetaData(),  # apart: a database may go without it
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    make_timestamp_column(AUDIT_TABLE, "created_at"),
    Column("event", Text, nullable=False),
    Column("user_id", Text),
    Column("actor", Text, nullable=False),
    Column("actor_id", Text),
    Column("session_id", Text),
    Column("reason", Text),
    Column("details", _DETAILS),
    Column("ip_address", Text),
    Column("user_agent", Text),
    Column("request_id", Text),
    Column("count", Integer, nullable=False),
    Index("better_auth_audit_created_at_idx", "created_at"),
    Index("better_auth_audit_user_id_idx", "user_id", "created_at"),
    Index("better_auth_audit_event_idx", "event", "created_at"),
    Index(
        "better_auth_audit_actor_id_idx",
        "actor_id",
        postgresql_where=_IS_ABOUT_OTHERS,
        sqlite_where=_IS_ABOUT_OTHERS,
    ),
)
