"""The names of the tables and columns, as they were found or chosen, in JSON."""

from alembic import context, op

revision = "core_0002"
down_revision = "core_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    plan = context.config.attributes["plan"]
    op.execute(f"alter table {plan.origin_table} add column layout text")
