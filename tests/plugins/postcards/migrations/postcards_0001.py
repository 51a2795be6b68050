"""The table of postcards."""

from alembic import context, op

revision = "postcards_0001"
down_revision = None
branch_labels = ("postcards",)
depends_on = None

_TIMES = {"sqlite": "date", "postgresql": "timestamptz"}
_TABLE = (
    'create table {postcard} ("id" text not null primary key,'
    ' "userId" {id} not null references {user} ({user_id}) on delete cascade,'
    ' "text" text not null, "stamps" integer not null, "sentAt" {time} not null)'
)


def upgrade() -> None:
    plan = context.config.attributes["plan"]
    if plan.is_missing("postcard"):
        names = {
            "postcard": plan.quote_table("postcard"),
            "user": plan.quote_table("user"),
            "user_id": plan.quote_column("user", "id"),
            "id": plan.id_type,
        }
        op.execute(_TABLE.format(time=_TIMES[op.get_context().dialect.name], **names))
