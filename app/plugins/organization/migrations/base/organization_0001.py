"""The tables of organizations, members and invitations."""

from alembic import context, op

revision = "organization_0001"
down_revision = None
branch_labels = ("organization",)
depends_on = None

_TIMES = {"sqlite": "date", "postgresql": "timestamptz"}
_TABLES = {
    "organization": {
        "id": "{key}",
        "name": "text not null",
        "slug": "text not null unique",
        "logo": "text",
        "createdAt": "{time} not null",
        "metadata": "text",
    },
    "member": {
        "id": "{key}",
        "organizationId": "{organization}",
        "userId": "{user}",
        "role": "text not null",
        "createdAt": "{time} not null",
    },
    "invitation": {
        "id": "{key}",
        "organizationId": "{organization}",
        "email": "text not null",
        "role": "text",
        "status": "text not null",
        "expiresAt": "{time} not null",
        "createdAt": "{time} not null",
        "inviterId": "{user}",
    },
}
_INDEXED = (
    ("member", "organizationId"),
    ("member", "userId"),
    ("invitation", "organizationId"),
    ("invitation", "email"),
)


def upgrade() -> None:
    """Creates the tables that are missing."""
    plan = context.config.attributes["plan"]
    types = {"time": _TIMES[op.get_context().dialect.name], "key": plan.key_definition}
    for name in ("user", "organization"):
        where = f"{plan.quote_table(name)} ({plan.quote_column(name, 'id')})"
        reference = f"references {where} on delete cascade"
        types[name] = f"{plan.get_id_type(name)} not null {reference}"
    for table, columns in _TABLES.items():
        if plan.is_missing(table):
            listed = ", ".join(
                f"{plan.quote_column(table, column)} {kind.format(**types)}"
                for column, kind in columns.items()
            )
            more = plan.render_columns(table)
            op.execute(f"create table {plan.quote_table(table)} ({listed}{more})")
    for table, column in _INDEXED:
        if plan.is_missing(table):
            on = f"{plan.quote_table(table)} ({plan.quote_column(table, column)})"
            op.execute(f"create index if not exists {plan.quote_index(table, column)} on {on}")
