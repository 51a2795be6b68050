"""Moments that a PostgreSQL column holds and no `datetime` can: they are read as the nearest."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import pytest
from sqlalchemy import bindparam, select, update

from app.auth.verifications.database import DatabaseVerifications
from app.models.clock import now
from tests.support.additional import grown
from tests.support.service import Service, bearer
from tests.support.spending import consume
from tests.support.tables import TABLES, accounts, jwks, sessions

pytestmark = pytest.mark.anyio

FIRST: Final = "0001-01-01T00:00:00.000Z"
LAST: Final = "9999-12-31T23:59:59.999Z"
FAR: Final = {
    "infinity": LAST,
    "294276-12-31T23:59:59Z": LAST,
    "10000-01-01T00:00:00Z": LAST,
    "0001-01-01T00:00:00+12:00": FIRST,
    "0044-03-15 BC": FIRST,
    "-infinity": FIRST,
}


@pytest.fixture
async def service(postgres_url: str) -> AsyncIterator[Service]:
    async with grown(postgres_url) as made:
        yield made


async def signed_up(service: Service) -> str:
    return str((await service.sign_up(since="2026-01-01")).json()["token"])


async def put(service: Service, table: str, column: str, moment: str) -> None:
    await service.execute(f'UPDATE "{table}" SET "{column}" = \'{moment}\'')


@pytest.mark.parametrize("moment", FAR)
async def test_far_moment_is_read_as_the_nearest_in_every_way(
    service: Service, moment: str
) -> None:
    token = await signed_up(service)
    await put(service, "session", "expiresAt", moment)
    table = sessions
    by_token = select(table.c.expiresAt).where(table.c.token == bindparam("token"))
    found = [service.database.read_one(by_token, {"token": token}) for _ in range(3)]
    assert await asyncio.gather(*found) == [(FAR[moment],)] * 3
    assert await service.database.read_all(select(table.c.expiresAt)) == [(FAR[moment],)]
    assert await service.database.search(select(table.c.expiresAt)) == [(FAR[moment],)]
    async with service.database.begin() as tx:
        changed = update(table).values(ipAddress="").returning(table.c.expiresAt)
        assert (await tx.execute(changed)).all() == [(FAR[moment],)]


@pytest.mark.parametrize("moment", FAR)
async def test_session_holds_while_its_expiry_is_to_come(service: Service, moment: str) -> None:
    token = await signed_up(service)
    await put(service, "session", "expiresAt", moment)
    answer = (await service.get("/get-session", bearer(token))).json()
    told = None if answer is None else answer["session"]["expiresAt"]
    assert told == (LAST if FAR[moment] == LAST else None)


@pytest.mark.parametrize("moment", FAR)
@pytest.mark.parametrize("column", ["createdAt", "updatedAt", "since"])
async def test_far_moment_of_a_user_is_told(service: Service, column: str, moment: str) -> None:
    token = await signed_up(service)
    await put(service, "user", column, moment)
    answer = await service.get("/get-session", bearer(token))
    assert answer.json()["user"][column] == FAR[moment]
    assert (await service.sign_in()).json()["user"][column] == FAR[moment]


@pytest.mark.parametrize("moment", FAR)
async def test_far_moments_of_sessions_and_accounts_are_listed(
    service: Service, moment: str
) -> None:
    token = await signed_up(service)
    await put(service, "session", "updatedAt", moment)
    await put(service, "account", "createdAt", moment)
    await put(service, "account", "accessTokenExpiresAt", moment)
    (session,) = (await service.get("/list-sessions", bearer(token))).json()
    (account,) = (await service.get("/list-accounts", bearer(token))).json()
    assert (session["updatedAt"], account["createdAt"]) == (FAR[moment], FAR[moment])
    assert (await service.rows(accounts))[0]["accessTokenExpiresAt"] == FAR[moment]


@pytest.mark.parametrize("moment", FAR)
async def test_proof_is_good_while_its_expiry_is_to_come(service: Service, moment: str) -> None:
    kept = DatabaseVerifications(service.database, TABLES, service.settings.verification)
    await kept.put("one", "value", now(), now())
    await put(service, "verification", "expiresAt", moment)
    assert await kept.find("one", now()) == ("value" if FAR[moment] == LAST else None)
    assert await consume(kept, "one", now()) == ("value" if FAR[moment] == LAST else None)


@pytest.mark.parametrize("moment", FAR)
async def test_key_is_published_while_its_expiry_is_to_come(service: Service, moment: str) -> None:
    key = {"publicKey": '{"kty":"OKP"}', "privateKey": "", "createdAt": LAST}
    async with service.database.begin() as tx:
        await tx.execute(jwks.insert().values(id="far", **key))
    await put(service, "jwks", "expiresAt", moment)
    keys = (await service.get("/jwks")).json()["keys"]
    assert [each["kid"] for each in keys] == (["far"] if FAR[moment] == LAST else [])
