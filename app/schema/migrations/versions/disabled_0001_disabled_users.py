"""Who is disabled at the command line. This service's own table, in every database."""

from alembic import context, op

revision = "disabled_0001"
down_revision = None
branch_labels = ("disabled",)
depends_on = None

_TYPES = {
    "sqlite": {"flag": "integer", "time": "date"},
    "postgresql": {"flag": "boolean", "time": "timestamptz"},
}
_TABLE = (
    'create table if not exists {table} ("userId" {user_id} not null primary key'
    " references {users} ({users_id}) on delete cascade,"
    ' "disabledAt" {time} not null, "reason" text, "setsBan" {flag} not null)'
)
_INDEX = 'create index if not exists better_auth_disabled_at_idx on {table} ("disabledAt")'


def upgrade() -> None:
    """Creates the table."""
    plan = context.config.attributes["plan"]
    names = {
        "table": plan.quote_table("better_auth_disabled_users"),
        "user_id": plan.id_type,
        "users": plan.quote_table("user"),
        "users_id": plan.quote_column("user", "id"),
    }
    op.execute(_TABLE.format(**_TYPES[op.get_context().dialect.name], **names))
    op.execute(_INDEX.format(**names))
