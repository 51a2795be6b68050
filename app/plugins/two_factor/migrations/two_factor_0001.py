"""Second factors, and the last code of each."""

from alembic import context, op

revision = "two_factor_0001"
down_revision = None
branch_labels = ("two_factor",)
depends_on = None

_TYPES = {
    "sqlite": {"bool": "integer", "time": "date", "bigint": "integer"},
    "postgresql": {"bool": "boolean", "time": "timestamptz", "bigint": "bigint"},
}
_FACTORS = (
    "create table {table} ({id} text not null primary key, {secret} text not null,"
    " {backupCodes} text not null,"
    " {userId} {id_type} not null references {user} ({user_id}) on delete cascade,"
    " {verified} {bool}, {failedVerificationCount} integer, {lockedUntil} {time})"
)
_INDEX = "create index {index} on {table} ({column})"
_USED = (
    'create table {used} ("userId" {id_type} not null primary key references {user} ({user_id})'
    ' on delete cascade, "factorId" text not null, "step" {bigint} not null)'
)
_COLUMNS = (
    *("id", "secret", "backupCodes", "userId", "verified"),
    *("failedVerificationCount", "lockedUntil"),
)


def upgrade() -> None:
    """Creates the tables that a Node server has not made."""
    plan = context.config.attributes["plan"]
    names = {
        **_TYPES[op.get_context().dialect.name],
        "user": plan.quote_table("user"),
        "user_id": plan.quote_column("user", "id"),
        "id_type": plan.id_type,
    }
    if plan.is_missing("twoFactor"):
        table = plan.quote_table("twoFactor")
        columns = {each: plan.quote_column("twoFactor", each) for each in _COLUMNS}
        op.execute(_FACTORS.format(table=table, **columns, **names))
        for each in ("secret", "userId"):
            index = plan.quote_index("twoFactor", each)
            op.execute(_INDEX.format(index=index, table=table, column=columns[each]))
    if plan.is_missing("twoFactorUsedCode"):
        op.execute(_USED.format(used=plan.quote_table("twoFactorUsedCode"), **names))
