"""Rows for tests that need some."""

from sqlalchemy import insert, select

from app.storage.database import Database
from tests.support.tables import sessions, users

MOMENT = "2026-11-21T00:44:05.831Z"


async def add_user(database: Database, id: str, **fields: object) -> None:  # noqa: A002
    values = {
        "id": id,
        "name": id.title(),
        "email": f"{id}@example.com",
        "emailVerified": False,
        "image": None,
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
    }
    async with database.begin() as tx:
        await tx.execute(insert(users), values | fields)


async def id_of(database: Database, email: str) -> str:
    """Of the user with this address; empty where there is none."""
    row = await database.read_one(select(users.c.id).where(users.c.email == email))
    return "" if row is None else str(row.id)


async def add_session(database: Database, user_id: str, token: str, **fields: object) -> None:
    values = {
        "id": f"id-of-{token}",
        "expiresAt": MOMENT,
        "token": token,
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
        "ipAddress": "",
        "userAgent": "",
        "userId": user_id,
    }
    async with database.begin() as tx:
        await tx.execute(insert(sessions), values | fields)


async def record_nothing(*_: object) -> None:
    """What a test of a store does about sessions that end."""
