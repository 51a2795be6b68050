"""The tables of webhooks. They refer to no other one, because an event outlives its user."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, text

from ...models.tables import make_timestamp_column
from ...schema.names import WEBHOOK_TABLES

_EVENTS, _TURN = WEBHOOK_TABLES
_IS_WAITING: Final = text("dead_at is null")
_OWN: Final = MetaData()  # apart: most databases go without them

# An event that was delivered is deleted. The ids are in the order of what happened to a user,
# `message_id` is what the receiver knows an event by. `due_at`: not before then is it sent, or what
# waits behind it. `dead_at`: when the service gave up.
webhook_events = Table(
    _EVENTS,
    _OWN,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", Text, nullable=False),
    make_timestamp_column(_EVENTS, "queued_at"),
    make_timestamp_column(_EVENTS, "due_at"),
    Column("attempts", Integer, nullable=False),
    Column("reason", Text),
    make_timestamp_column(_EVENTS, "dead_at", nullable=True),
    Index(
        "better_auth_webhooks_due_at_idx",
        "due_at",
        postgresql_where=_IS_WAITING,
        sqlite_where=_IS_WAITING,
    ),
    Index("better_auth_webhooks_user_id_idx", "user_id", "id"),
)

# One row: which process delivers, and until when. `paused_until`: what the receiver asked for.
webhook_turn = Table(
    _TURN,
    _OWN,
    Column("id", Integer, primary_key=True),
    Column("holder", Text, nullable=False),
    make_timestamp_column(_TURN, "until"),
    make_timestamp_column(_TURN, "paused_until", nullable=True),
)
