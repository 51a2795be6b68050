"""Sessions on SQLite whose times another program stored in another form than the column's."""

import pytest

from tests.support.service import bearer, from_now, serving

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("expiry", [4070908800000, 4070908800])
async def test_session_with_an_integer_is_listed(sqlite_url: str, expiry: int) -> None:
    async with serving(sqlite_url) as service:
        token = (await service.sign_up()).json()["token"]
        other = (await service.sign_in()).json()["token"]
        change = 'UPDATE session SET "expiresAt" = :expiry WHERE token = :token'
        await service.execute(change, expiry=expiry, token=other)
        listed = (await service.get("/list-sessions", bearer(token))).json()
        assert {session["token"] for session in listed} == {token, other}
        assert {session["expiresAt"] for session in listed} > {"2099-01-01T00:00:00.000Z"}


async def test_expired_session_with_an_integer_is_not_listed(sqlite_url: str) -> None:
    async with serving(sqlite_url) as service:
        token = (await service.sign_up()).json()["token"]
        other = (await service.sign_in()).json()["token"]
        change = 'UPDATE session SET "expiresAt" = 1500000000000 WHERE token = :token'
        await service.execute(change, token=other)
        (session,) = (await service.get("/list-sessions", bearer(token))).json()
        assert session["token"] == token
        assert session["expiresAt"] < from_now(days=8)
