"""The tables of Better Auth 1.7.7 as its own migration makes them, where they are not there yet.

The plan says which ones, and how they and their columns are named.
"""

from alembic import context, op

revision = "core_0001"
down_revision = None
branch_labels = ("core",)
depends_on = None

_TYPES = {
    "sqlite": {
        "flag": "integer",
        "time": "date",
        "stamp": "date not null",
        "key": "text not null primary key",
    },
    "postgresql": {
        "flag": "boolean",
        "time": "timestamptz",
        "stamp": "timestamptz default CURRENT_TIMESTAMP not null",
        "key": "text not null primary key",
    },
}
_UUID_KEY = "uuid default pg_catalog.gen_random_uuid() not null primary key"
_TABLES = {
    "user": (
        ("id", "{key}"),
        ("name", "text not null"),
        ("email", "text not null unique"),
        ("emailVerified", "{flag} not null"),
        ("image", "text"),
        ("createdAt", "{stamp}"),
        ("updatedAt", "{stamp}"),
    ),
    "session": (
        ("id", "{key}"),
        ("expiresAt", "{time} not null"),
        ("token", "text not null unique"),
        ("createdAt", "{stamp}"),
        ("updatedAt", "{time} not null"),
        ("ipAddress", "text"),
        ("userAgent", "text"),
        ("userId", "{id} not null references {users} ({user_id}) on delete cascade"),
    ),
    "account": (
        ("id", "{key}"),
        ("accountId", "text not null"),
        ("providerId", "text not null"),
        ("userId", "{id} not null references {users} ({user_id}) on delete cascade"),
        ("accessToken", "text"),
        ("refreshToken", "text"),
        ("idToken", "text"),
        ("accessTokenExpiresAt", "{time}"),
        ("refreshTokenExpiresAt", "{time}"),
        ("scope", "text"),
        ("password", "text"),
        ("createdAt", "{stamp}"),
        ("updatedAt", "{time} not null"),
    ),
    "verification": (
        ("id", "{key}"),
        ("identifier", "text not null"),
        ("value", "text not null"),
        ("expiresAt", "{time} not null"),
        ("createdAt", "{stamp}"),
        ("updatedAt", "{stamp}"),
    ),
    "jwks": (
        ("id", "{key}"),
        ("publicKey", "text not null"),
        ("privateKey", "text not null"),
        ("createdAt", "{time} not null"),
        ("expiresAt", "{time}"),
        ("alg", "text"),
        ("crv", "text"),
    ),
}
_INDEXED = (("session", "userId"), ("account", "userId"), ("verification", "identifier"))


def upgrade() -> None:
    """Creates the tables that a Node server has not made."""
    plan = context.config.attributes["plan"]
    types = dict(_TYPES[op.get_context().dialect.name], id=plan.id_type)
    if plan.id_type == "uuid" and not plan.adopted:
        types["key"] = _UUID_KEY
    names = {"users": plan.quote_table("user"), "user_id": plan.quote_column("user", "id")}
    for table, columns in _TABLES.items():
        if plan.is_missing(table):
            listed = ", ".join(
                f"{plan.quote_column(table, name)} {definition.format(**types, **names)}"
                for name, definition in columns
            )
            statement = f"create table {plan.quote_table(table)} ({listed}"
            op.execute(f"{statement}{plan.render_columns(table)})")
    for table, column in _INDEXED:
        if plan.is_missing(table) or plan.is_native(table):
            name = plan.quote_index(table, column)
            on = f"{plan.quote_table(table)} ({plan.quote_column(table, column)})"
            op.execute(f"create index if not exists {name} on {on}")
    op.execute(f"create table {plan.origin_table} (origin text not null primary key)")
    made = "adopted" if plan.adopted else "made"
    op.execute(f"insert into {plan.origin_table} (origin) values ('{made}')")  # noqa: S608  # a word
