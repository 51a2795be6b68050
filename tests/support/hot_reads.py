"""What is read by the driver alone must be what SQLAlchemy reads."""

from sqlalchemy import Executable, bindparam, select

from app.storage.compiled import StoredRow
from app.storage.database import Database
from tests.support.tables import sessions, users

ADA = {"name": "Ada", "email": "ada@example.com", "password": "correct horse"}
BY_ID = select(*users.c).where(users.c.id == bindparam("id"))
BY_MOMENT = select(sessions.c.token).where(sessions.c.expiresAt == bindparam("moment"))


async def assert_same(
    stored: StoredRow | None,
    database: Database,
    statement: Executable,
    parameters: dict[str, object],
) -> None:
    """`stored` is the one row of the statement, with the same names and types."""
    (row,) = await database.read_all(statement, parameters)
    assert stored is not None
    found = stored.convert()
    assert found == row
    assert found._mapping == row._mapping
    assert list(map(type, found)) == list(map(type, row))
