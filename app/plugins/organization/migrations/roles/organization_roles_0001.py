"""The table of the roles that an organization makes for itself."""

from alembic import context, op

revision = "organization_roles_0001"
down_revision = None
branch_labels = ("organization_roles",)
depends_on = None

_TIMES = {"sqlite": "date", "postgresql": "timestamptz"}
_TABLES = {
    "organizationRole": {
        "id": "{key}",
        "organizationId": "{organization}",
        "role": "text not null",
        "permission": "text not null",
        "createdAt": "{time} not null",
        "updatedAt": "{time}",
    },
}
_INDEXED = (
    ("organizationRole", "organizationId"),
    ("organizationRole", "role"),
)


def upgrade() -> None:
    """Creates the tables that are missing."""
    plan = context.config.attributes["plan"]
    types = {"time": _TIMES[op.get_context().dialect.name], "key": plan.key_definition}
    for name in ("organization",):
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
