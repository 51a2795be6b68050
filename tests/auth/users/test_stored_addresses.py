"""Addresses that an adopted table holds as they were typed, in a column that sees no case."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from app.auth.users.emails import is_same_address
from app.storage.database import Database, open_database
from tests.support.service import EMAIL, Service, serve
from tests.support.smtp import Outgoing
from tests.support.tables import users

pytestmark = pytest.mark.anyio

TYPED = "Ada@Example.com"


@pytest.fixture
async def blind(sqlite_url: str) -> AsyncIterator[Database]:
    """A file whose column sees no case."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as file:
        (sql,) = file.execute("SELECT sql FROM sqlite_master WHERE name = 'user'").fetchone()
        file.execute("PRAGMA writable_schema = ON")
        file.execute(
            "UPDATE sqlite_master SET sql = ? WHERE name = 'user'",
            [sql.replace('"email" text', '"email" text COLLATE NOCASE')],
        )
        file.execute("PRAGMA writable_schema = RESET")
        file.execute("REINDEX")
        file.commit()
    opened = await open_database(sqlite_url)
    yield opened
    await opened.close()


async def stored(database: Database, email: str) -> tuple[Service, Outgoing]:
    """A service whose one user has this address."""
    outgoing = Outgoing()
    service = await serve(database, mailer=outgoing)
    await service.sign_up()
    await service.alter(users, email=email)
    return service, outgoing


async def test_user_signs_in_whatever_the_case(blind: Database) -> None:
    service, outgoing = await stored(blind, TYPED)
    for email in (EMAIL, TYPED, EMAIL.upper()):
        answer = await service.sign_in(email)
        assert (answer.status, answer.json()["user"]["email"]) == (200, TYPED)
    assert (await service.sign_up(EMAIL)).status == 422
    await service.post("/request-password-reset", {"email": EMAIL})
    assert [message.to for message in outgoing.messages] == [TYPED]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (TYPED, True),
        ("\u00e4da@example.com", False),
        ("a\u0308da@example.com", False),
        ("ada@example.co", False),
    ],
)
def test_what_a_column_finds_may_differ_in_case_alone(other: str, *, same: bool) -> None:
    """Source: `findUserByEmail` of Better Auth 1.7.25."""
    assert is_same_address(EMAIL, other) is same


def test_letters_may_be_composed_otherwise() -> None:
    assert is_same_address("\u00e4da@example.com", "A\u0308da@example.com")


async def test_user_whom_the_column_alone_takes_for_the_same_is_nobody(
    blind: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("users.users", "passwords.password_accounts"):
        monkeypatch.setattr(f"app.auth.{place}.is_same_address", lambda *_: False)
    service, outgoing = await stored(blind, TYPED)
    refused = await service.sign_in(EMAIL)
    assert (refused.status, refused.json()["code"]) == (401, "INVALID_EMAIL_OR_PASSWORD")
    await service.post("/request-password-reset", {"email": EMAIL})
    assert outgoing.messages == []
