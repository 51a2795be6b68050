"""The table of audit events, on a branch of its own because a database may go without it."""

from alembic import context, op

revision = "audit_0001"
down_revision = None
branch_labels = ("audit",)
depends_on = None

_TYPES = {
    "sqlite": {"id": "integer not null primary key", "time": "date", "json": "text"},
    "postgresql": {
        "id": "bigint generated always as identity primary key",
        "time": "timestamptz",
        "json": "jsonb",
    },
}
# No column refers to a user or a session: an event outlives both.
_TABLE = (
    "create table if not exists {table} (id {id}, created_at {time} not null,"
    " event text not null, user_id text, actor text not null, actor_id text, session_id text,"
    " reason text, details {json}, ip_address text, user_agent text, request_id text,"
    " count integer not null default 1)"
)
_INDEXES = {
    "better_auth_audit_created_at_idx": "(created_at)",
    "better_auth_audit_user_id_idx": "(user_id, created_at)",
    "better_auth_audit_event_idx": "(event, created_at)",
    "better_auth_audit_actor_id_idx": "(actor_id) where actor_id <> user_id",
}


def upgrade() -> None:
    """Creates the table. One that this service made before keeps its rows."""
    plan = context.config.attributes["plan"]
    table = plan.quote_table("better_auth_audit")
    op.execute(_TABLE.format(table=table, **_TYPES[op.get_context().dialect.name]))
    for name, columns in _INDEXES.items():
        op.execute(f"create index if not exists {name} on {table} {columns}")
