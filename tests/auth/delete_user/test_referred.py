"""Users whom the application's own tables refer to."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.settings.options import DeleteUserOptions, SessionOptions, UserOptions
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.service import PASSWORD, Service, bearer, browser, serve
from tests.support.smtp import Outgoing
from tests.support.tables import accounts, sessions, users, verifications

pytestmark = pytest.mark.anyio

DELETES = UserOptions(delete_user=DeleteUserOptions(enabled=True))
MAILS = UserOptions(
    delete_user=DeleteUserOptions(enabled=True, send_delete_account_verification=True)
)
REFUSED = {
    "message": "Failed to delete user. Other data still refers to it.",
    "code": "FAILED_TO_DELETE_USER",
}


async def refer(service: Service, when: str = "") -> None:
    await service.execute(
        'CREATE TABLE orders ("by" text,'
        f' CONSTRAINT orders_by FOREIGN KEY ("by") REFERENCES "user" (id) {when})'
    )
    await service.execute('INSERT INTO orders SELECT id FROM "user"')


@pytest.mark.parametrize("when", ["", "DEFERRABLE INITIALLY DEFERRED"])
async def test_user_who_is_referred_to_stays_with_all_that_is_theirs(
    database: Database, when: str, caplog: pytest.LogCaptureFixture
) -> None:
    service = await serve(database, user=DELETES)
    ada = browser(await service.sign_up())
    await refer(service, when)
    held = [await service.rows(table) for table in (users, accounts, sessions)]
    answer = await service.post("/delete-user", {"password": PASSWORD}, ada)
    assert (answer.status, answer.json()) == (409, REFUSED)
    assert answer.header_list("set-cookie") == []
    assert [await service.rows(table) for table in (users, accounts, sessions)] == held
    assert (await service.get("/get-session", ada)).json() is not None
    (line,) = [one for one in caplog.records if one.message == "database refused a value"]
    assert held[0][0]["id"] not in str(line.__dict__)
    await service.execute("DELETE FROM orders")
    assert (await service.post("/delete-user", {"password": PASSWORD}, ada)).status == 200
    assert await service.rows(users) == []


@pytest.mark.parametrize("in_database", [False, True])
async def test_sessions_in_redis_stay_with_the_user(
    database: Database, storage: RedisStorage, *, in_database: bool
) -> None:
    policy = SessionOptions(store_session_in_database=in_database)
    service = await serve(database, storage=storage, user=DELETES, session=policy)
    token = (await service.sign_up()).json()["token"]
    when = "DEFERRABLE INITIALLY DEFERRED" if database.dialect == "postgresql" else ""
    await refer(service, when)
    answer = await service.post("/delete-user", {"password": PASSWORD}, bearer(token))
    assert (answer.status, answer.json()) == (409, REFUSED)
    assert (await service.get("/get-session", bearer(token))).json() is not None
    await service.execute("DELETE FROM orders")
    answer = await service.post("/delete-user", {"password": PASSWORD}, bearer(token))
    assert answer.status == 200
    assert (await service.get("/get-session", bearer(token))).json() is None


@pytest.mark.parametrize("posted", [False, True])
async def test_link_stays_good(database: Database, *, posted: bool) -> None:
    outgoing = Outgoing()
    service = await serve(database, mailer=outgoing, user=MAILS)
    ada = browser(await service.sign_up())
    await refer(service)
    await service.post("/delete-user", {"password": PASSWORD}, ada)
    token = parse_qs(urlsplit(outgoing.link()).query)["token"][0]
    for expected in (409, 200):
        if posted:
            answer = await service.post("/delete-user", {"token": token}, ada)
        else:
            answer = await service.get(f"/delete-user/callback?token={token}", ada)
        assert answer.status == expected
        await service.execute("DELETE FROM orders")
    assert await service.rows(verifications) == []
