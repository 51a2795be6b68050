"""Alembic's entry: migrates in the transaction, or into the buffer, that it is handed.

A migration is history: nothing in this folder imports the service.
"""

from alembic import context

given = context.config.attributes

context.configure(
    connection=given.get("connection"),
    dialect_name=given.get("dialect"),
    as_sql="connection" not in given,
    starting_rev=given.get("versions"),
    version_table=given["version_table"],
    version_table_schema=given.get("schema"),
    transactional_ddl="connection" in given,
)
with context.begin_transaction():
    context.run_migrations()
