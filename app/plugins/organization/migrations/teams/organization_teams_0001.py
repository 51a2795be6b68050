"""The tables of teams and their members."""

from alembic import context, op

revision = "organization_teams_0001"
down_revision = None
branch_labels = ("organization_teams",)
depends_on = None

_TIMES = {"sqlite": "date", "postgresql": "timestamptz"}
_TABLES = {
    "team": {
        "id": "{key}",
        "name": "text not null",
        "memberCount": "integer not null",
        "organizationId": "{organization}",
        "createdAt": "{time} not null",
        "updatedAt": "{time}",
    },
    "teamMember": {
        "id": "{key}",
        "teamId": "{team}",
        "userId": "{user}",
        "membershipKey": "text unique",
        "createdAt": "{time}",
    },
}
_INDEXED = (
    ("team", "organizationId"),
    ("teamMember", "teamId"),
    ("teamMember", "userId"),
)


def upgrade() -> None:
    """Creates the tables that are missing."""
    plan = context.config.attributes["plan"]
    types = {"time": _TIMES[op.get_context().dialect.name], "key": plan.key_definition}
    for name in ("user", "organization", "team"):
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
