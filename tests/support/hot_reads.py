"""What is read by the driver alone must be what SQLAlchemy reads."""

from typing import Any

from sqlalchemy import Executable, Row, bindparam, select

from app.storage.database import Database
from tests.support.tables import sessions, users

ADA = {"name": "Ada", "email": "ada@example.com", "password": "correct horse"}
BY_ID = select(*users.c).where(users.c.id == bindparam("id"))
BY_MOMENT = select(sessions.c.token).where(sessions.c.expiresAt == bindparam("moment"))


async def assert_same(
    found: Row[*tuple[Any, ...]] | None,
    database: Database,
    statement: Executable,
    parameters: dict[str, object],
) -> None:
    """`found` is the one row of the statement, with the same names and types."""
    (row,) = await database.read_all(statement, parameters)
    assert found == row
    assert found is not None
    assert found._mapping == row._mapping
    assert list(map(type, found)) == list(map(type, row))
