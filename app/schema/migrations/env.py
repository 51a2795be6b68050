"""Alembic's entry: migrates in the transaction, or into the buffer, that it is handed.

A migration is history: nothing in this folder imports the service.
"""

from alembic import context

attributes = context.config.attributes

context.configure(
    connection=attributes.get("connection"),
    dialect_name=attributes.get("dialect"),
    as_sql="connection" not in attributes,
    starting_rev=attributes.get("versions"),
    version_table=attributes["version_table"],
    version_table_schema=attributes.get("schema"),
    transactional_ddl="connection" in attributes,
)
with context.begin_transaction():
    context.run_migrations()
