"""Rows beside the service whose moments no `datetime` can hold, or that are none."""

from collections.abc import AsyncIterator

import pytest

from app.bridge import User
from app.bridge.session_table import SessionTable
from tests.support.service import Service, serving

pytestmark = pytest.mark.anyio

FUTURE = ["infinity", "294276-12-31", "10000-01-01"]
PAST = ["-infinity", "0044-03-15 BC", "0001-01-01T00:00+12:00"]
NO_MOMENTS = ["", "garbage", "infinity", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00+12:00"]


@pytest.fixture
async def service(postgres_url: str) -> AsyncIterator[Service]:
    async with serving(postgres_url) as opened:
        yield opened


async def found_at(url: str, service: Service, column: str, moment: str) -> User | None:
    """Who has the session, once a column of both tables' rows holds this."""
    token = (await service.sign_up()).json()["token"]
    table = "session" if column == "expiresAt" else "user"
    await service.execute(f'UPDATE "{table}" SET "{column}" = \'{moment}\'')
    reader = SessionTable(url)
    try:
        return await reader.find_user(token)
    finally:
        await reader.close()


@pytest.mark.parametrize("moment", FUTURE)
async def test_expiry_after_year_9999_is_to_come(
    postgres_url: str, service: Service, moment: str
) -> None:
    user = await found_at(postgres_url, service, "expiresAt", moment)
    assert user is not None
    assert user.email == "ada@example.com"


@pytest.mark.parametrize("moment", PAST)
async def test_expiry_before_year_1_is_past(
    postgres_url: str, service: Service, moment: str
) -> None:
    assert await found_at(postgres_url, service, "expiresAt", moment) is None


@pytest.mark.parametrize("moment", [*FUTURE, *PAST])
async def test_moment_that_nobody_asks_for_may_be_any(
    postgres_url: str, service: Service, moment: str
) -> None:
    assert await found_at(postgres_url, service, "createdAt", moment) is not None


@pytest.mark.parametrize("text", NO_MOMENTS)
async def test_expiry_that_is_no_moment_is_past(sqlite_url: str, text: str) -> None:
    async with serving(sqlite_url) as service:
        assert await found_at(sqlite_url, service, "expiresAt", text) is None
        assert (await service.get("/ok")).status == 200
