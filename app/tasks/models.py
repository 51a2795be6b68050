"""The table of the task API. It refers to the user of Better Auth."""

import json

from sqlalchemy import Column, Dialect, ForeignKey, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from ..models.column_types import AnyColumnType, BooleanType
from ..models.tables import make_timestamp_column, metadata


class Tags(TypeDecorator[list[str]]):
    """A list of text: JSON text on SQLite, `jsonb` on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> AnyColumnType:
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else Text())

    def process_bind_param(
        self, value: list[str] | None, dialect: Dialect
    ) -> list[str] | str | None:
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps(value, ensure_ascii=False)

    def process_result_value(
        self, value: list[str] | str | None, dialect: Dialect
    ) -> list[str] | None:
        return json.loads(value) if isinstance(value, str) else value


tasks = Table(
    "tasks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", Text, ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("completed", BooleanType, nullable=False),
    Column("priority", Text),
    make_timestamp_column("tasks", "due_date", nullable=True),
    Column("tags", Tags, nullable=False),
    make_timestamp_column("tasks", "created_at"),
    make_timestamp_column("tasks", "updated_at"),
    Index("tasks_user_id_idx", "user_id"),
    Index("tasks_user_id_completed_idx", "user_id", "completed"),
    # A deleted task's number is never given to another one.
    sqlite_autoincrement=True,
)
