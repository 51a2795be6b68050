"""The table of postcards."""

from alembic import op

revision = "postcards_0001"
down_revision = None
branch_labels = ("postcards",)
depends_on = None

_TIMES = {"sqlite": "date", "postgresql": "timestamptz"}
_TABLE = (
    'create table if not exists "postcard" ("id" text not null primary key,'
    ' "userId" text not null references "user" ("id") on delete cascade,'
    ' "text" text not null, "stamps" integer not null, "sentAt" {time} not null)'
)


def upgrade() -> None:
    op.execute(_TABLE.format(time=_TIMES[op.get_context().dialect.name]))
