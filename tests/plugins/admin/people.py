"""An administrator and others, for the tests of the plugin."""

from typing import Any

from sqlalchemy import text

from app.plugins.admin.access import ROLE
from app.plugins.admin.options import AdminOptions
from app.web.http.asgi import Header
from tests.support.asgi import Answer
from tests.support.service import Service, browser

OPTIONS = AdminOptions()
ADMIN = "admin@example.com"
BOB = "bob@example.com"


async def sign_up_admin(service: Service, email: str = ADMIN) -> list[Header]:
    """Headers of a browser whose user is an administrator."""
    up = await service.sign_up(email)
    await set_columns(service, email, **{ROLE: "admin"})
    return browser(up)


async def set_columns(service: Service, email: str, **values: object) -> None:
    """Sets columns of a user, as another program would."""
    assigned = ", ".join(f'"{name}" = :{name}' for name in values)
    await service.execute(
        f'UPDATE "user" SET {assigned} WHERE email = :email', email=email, **values
    )


async def find(service: Service, email: str) -> dict[str, Any]:
    """The row of a user."""
    found = text('SELECT * FROM "user" WHERE email = :email')
    (row,) = await service.database.read_all(found, {"email": email})
    return dict(row._mapping)


def id_of(answer: Answer) -> str:
    return str(answer.json()["user"]["id"])


async def is_signed_in(service: Service, headers: list[Header]) -> bool:
    return (await service.get("/get-session", headers)).json() is not None
