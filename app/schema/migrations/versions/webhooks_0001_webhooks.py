"""The outbox of webhooks, on a branch of its own because most databases have none."""

from alembic import context, op

revision = "webhooks_0001"
down_revision = None
branch_labels = ("webhooks",)
depends_on = None

_TYPES = {
    "sqlite": {"id": "integer not null primary key autoincrement", "time": "date"},
    "postgresql": {"id": "bigint generated always as identity primary key", "time": "timestamptz"},
}
# No column refers to a user: an event outlives the one whom it is about.
_EVENTS = (
    "create table if not exists {events} (id {id}, message_id text not null, user_id text not null,"
    " type text not null, body text not null, queued_at {time} not null, due_at {time} not null,"
    " attempts integer not null default 0, reason text, dead_at {time})"
)
# Which node delivers, and until when.
_TURN = (
    "create table if not exists {turn} (id integer not null primary key, holder text not null,"
    " until {time} not null, paused_until {time})"
)
_INDEXES = {
    "better_auth_webhooks_due_at_idx": "(due_at) where dead_at is null",
    "better_auth_webhooks_user_id_idx": "(user_id, id)",
}


def upgrade() -> None:
    """Creates the tables. Those that this service made before keep their rows."""
    plan = context.config.attributes["plan"]
    names = {
        "events": plan.quote_table("better_auth_webhooks"),
        "turn": plan.quote_table("better_auth_webhook_turn"),
    }
    types = _TYPES[op.get_context().dialect.name]
    op.execute(_EVENTS.format(**names, **types))
    op.execute(_TURN.format(**names, **types))
    for name, columns in _INDEXES.items():
        op.execute(f"create index if not exists {name} on {names['events']} {columns}")
