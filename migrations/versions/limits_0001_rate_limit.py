"""The table of the rate limiter as the original's migration makes it, for those who count there."""

from alembic import op

revision = "limits_0001"
down_revision = None
branch_labels = ("limits",)
depends_on = None

_TABLE = (
    'create table if not exists "rateLimit" ("id" text not null primary key,'
    ' "key" text not null unique, "count" integer not null, "lastRequest" bigint not null)'
)


def upgrade() -> None:
    op.execute(_TABLE)
