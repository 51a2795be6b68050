"""The names of tables in SQL, and where the tables are that only this service has."""

from hashlib import sha256
from typing import Final

from sqlalchemy import TextClause, text

from ..models.layout import Layout

VERSION_TABLE: Final = "better_auth_migrations"
ORIGIN_TABLE: Final = "better_auth_origin"
AUDIT_TABLE: Final = "better_auth_audit"
WEBHOOK_TABLES: Final = ("better_auth_webhooks", "better_auth_webhook_turn")
# Another service on this database, with another schema, has its own.
_OWN_SCHEMA: Final = "better_auth_service"
_LONGEST_NAME: Final = 63  # bytes, in PostgreSQL


def get_own_schema(dialect: str, schema: str) -> str:
    """Returns the schema of the tables that only this service has. Empty on SQLite.

    Drizzle's and Prisma's tools drop what they do not know from the schemas that they look after.
    `schema` is the one of the search path.
    """
    if dialect != "postgresql":
        return ""
    name = _OWN_SCHEMA if schema == "public" else f"{_OWN_SCHEMA}_{schema}"
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    # Another schema may begin like this one.
    end = sha256(name.encode()).hexdigest()[:8]
    return f"{name.encode()[: _LONGEST_NAME - 9].decode(errors='ignore')}_{end}"


def quote_name(name: str) -> str:
    """Returns an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def quote_path(schema: str | None, table: str) -> str:
    """Returns the SQL name of a table, with its schema if there is one."""
    return ".".join(quote_name(part) for part in (schema, table) if part)


def quote_table(layout: Layout, table: str) -> str:
    """Returns the SQL name of a table, by Better Auth's."""
    known = layout.describe_table(table)
    return quote_path(known.schema, known.name)


def quote_column(layout: Layout, table: str, column: str) -> str:
    """Returns the SQL name of a column, by Better Auth's."""
    return quote_name(layout.find_column(table, column))


def make_statement(sql: str) -> TextClause:
    """Returns a statement without parameters: a colon in a name begins none."""
    return text(sql.replace(":", r"\:"))
