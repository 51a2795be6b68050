"""Alembic's entry: migrates in the transaction, or into the buffer, that `app.upgrade` gives."""

from alembic import context

from app.models import metadata
from app.schema_state import VERSION_TABLE

given = context.config.attributes

context.configure(
    connection=given.get("connection"),
    dialect_name=given.get("dialect"),
    as_sql="connection" not in given,
    starting_rev=given.get("versions"),
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl="connection" in given,
)
with context.begin_transaction():
    context.run_migrations()
