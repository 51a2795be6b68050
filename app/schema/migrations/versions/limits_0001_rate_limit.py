"""The table of the rate limiter as the original's migration makes it, for those who count there."""

from alembic import context, op

revision = "limits_0001"
down_revision = None
branch_labels = ("limits",)
depends_on = None

_COLUMNS = (
    ("id", "text not null primary key"),
    ("key", "text not null unique"),
    ("count", "integer not null"),
    ("lastRequest", "bigint not null"),
)


def upgrade() -> None:
    """Creates the table, where a Node server has not made it."""
    plan = context.config.attributes["plan"]
    if plan.is_missing("rateLimit"):
        listed = (f"{plan.quote_column('rateLimit', name)} {kind}" for name, kind in _COLUMNS)
        op.execute(f"create table {plan.quote_table('rateLimit')} ({', '.join(listed)})")
