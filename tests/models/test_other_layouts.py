"""The service on tables that Drizzle or Prisma made: other names, times and ids."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from app.auth.passwords.password_accounts import PasswordAccounts
from app.auth.rate_limits.database import DatabaseRateLimits
from app.auth.verifications.database import DatabaseVerifications
from app.models.additional_fields import AdditionalFields, read_fields
from app.models.clock import now, to_iso, to_milliseconds
from app.models.layout import ColumnLayout, Layout, TableLayout
from app.models.mappers import make_mappers
from app.models.tables import make_tables
from app.plugins.jwt.options import JwtOptions
from app.server.cleaning import make_cleaner
from app.settings.options import (
    DeleteUserOptions,
    EmailAndPasswordOptions,
    SessionOptions,
    UserOptions,
    VerificationOptions,
)
from app.settings.settings import Settings
from app.storage.database import Database
from app.storage.redis import RedisStorage
from app.tasks.listing import Listing
from app.tasks.models import tasks as declared_tasks
from app.tasks.records import NewTask
from app.tasks.tasks import Tasks
from app.web.rate_rule import Rule
from tests.support.other_layouts import OtherLayout, opened
from tests.support.plugins import enabled
from tests.support.service import EMAIL, PASSWORD, Service, bearer, serve
from tests.support.smtp import Outgoing
from tests.support.spending import consume

pytestmark = pytest.mark.anyio

NEW = "another horse"
FIELDS = read_fields(
    """{"role": {"type": "string", "required": false, "defaultValue": "user"},
    "since": {"type": "date", "required": false}}"""
)
USER = UserOptions(additional_fields=FIELDS, delete_user=DeleteUserOptions(enabled=True))
BEGUN = "2026-01-02T03:04:05.000Z"


@pytest.fixture
def database_url(other_url: str) -> str:
    return other_url


@pytest.fixture
async def database(other: OtherLayout, database_url: str) -> AsyncIterator[Database]:
    async with opened(other, database_url) as made:
        yield made


@pytest.fixture
def outgoing() -> Outgoing:
    return Outgoing()


@pytest.fixture
async def service(database: Database, other: OtherLayout, outgoing: Outgoing) -> Service:
    return await serve(database, mailer=outgoing, schema=other.state, user=USER)


async def sign_up(service: Service, **fields: str) -> dict[str, Any]:
    answer = await service.sign_up(**fields)
    assert answer.status == 200, answer.body
    signed_up: dict[str, Any] = answer.json()
    return signed_up


async def set_password(service: Service, token: str) -> None:
    body = {"currentPassword": PASSWORD, "newPassword": NEW, "revokeOtherSessions": True}
    answer = await service.post("/change-password", body, bearer(token))
    assert answer.status == 200, answer.body


async def test_user_signs_up_and_is_found_by_session_and_password(
    service: Service, other: OtherLayout
) -> None:
    made = await sign_up(service, since=BEGUN, role="owner")
    user = made["user"]
    assert (user["email"], user["since"], user["role"]) == (EMAIL, BEGUN, "owner")
    assert (other.id == "uuid") == (len(user["id"]) == 36)
    found = [(await service.get("/get-session", bearer(made["token"]))).json() for _ in range(2)]
    assert [each["user"] for each in found] == [user, user]
    assert found[0]["session"]["userId"] == user["id"]
    signed_in = (await service.sign_in()).json()
    assert signed_in["user"] == user
    assert len((await service.get("/list-sessions", bearer(made["token"]))).json()) == 2
    (account,) = (await service.get("/list-accounts", bearer(made["token"]))).json()
    assert (account["accountId"], account["userId"]) == (user["id"], user["id"])


async def test_ids_are_of_the_kind_that_the_database_has(
    service: Service, other: OtherLayout
) -> None:
    made = await sign_up(service)
    session = (await service.get("/get-session", bearer(made["token"]))).json()["session"]
    (account,) = (await service.get("/list-accounts", bearer(made["token"]))).json()
    for row_id in (session["id"], session["userId"], account["id"]):
        assert (UUID(row_id).version if other.id == "uuid" else len(row_id)) in (4, 32)
    assert len(made["token"]) == 32


async def test_many_sessions_are_read_at_once(service: Service) -> None:
    tokens = [(await sign_up(service))["token"]]
    tokens += [(await service.sign_in()).json()["token"] for _ in range(5)]
    found = await asyncio.gather(
        *(service.get("/get-session", bearer(token)) for token in [*tokens, "unknown"])
    )
    told = [answer.json() for answer in found]
    assert [each["session"]["token"] for each in told[:-1]] == tokens
    assert told[-1] is None


async def test_user_changes_name_and_additional_fields(service: Service) -> None:
    token = (await sign_up(service))["token"]
    changes = {"name": "Countess", "since": BEGUN, "role": "admin"}
    assert (await service.post("/update-user", changes, bearer(token))).status == 200
    user = (await service.get("/get-session", bearer(token))).json()["user"]
    assert {name: user[name] for name in changes} == changes
    later = (await service.post("/update-user", {"since": None}, bearer(token))).status
    assert later == 200
    assert (await service.get("/get-session", bearer(token))).json()["user"]["since"] is None


async def test_changed_password_ends_other_sessions(service: Service) -> None:
    token = (await sign_up(service))["token"]
    await set_password(service, token)
    assert (await service.get("/get-session", bearer(token))).json() is None
    assert (await service.sign_in()).status == 401
    assert (await service.sign_in(password=NEW)).status == 200


async def test_sessions_are_revoked_one_by_one_and_all(service: Service) -> None:
    token = (await sign_up(service))["token"]
    other = (await service.sign_in()).json()["token"]
    await service.post("/revoke-session", {"token": other}, bearer(token))
    assert (await service.get("/get-session", bearer(other))).json() is None
    await service.post("/revoke-sessions", {}, bearer(token))
    assert (await service.get("/get-session", bearer(token))).json() is None


async def test_password_is_reset_by_a_mailed_link(service: Service, outgoing: Outgoing) -> None:
    await sign_up(service)
    await service.post("/request-password-reset", {"email": EMAIL})
    token = outgoing.link().rpartition("/")[2].partition("?")[0]
    reset = {"token": token, "newPassword": NEW}
    assert (await service.post("/reset-password", reset)).status == 200
    assert (await service.post("/reset-password", reset)).status == 400
    assert (await service.sign_in(password=NEW)).status == 200


async def test_user_is_deleted_with_all_rows(service: Service, other: OtherLayout) -> None:
    token = (await sign_up(service))["token"]
    answer = await service.post("/delete-user", {"password": PASSWORD}, bearer(token))
    assert answer.status == 200, answer.body
    tables = make_tables(other.layout)
    for table in (tables.users, tables.sessions, tables.accounts):
        assert await service.rows(table) == []


async def test_preserved_session_ends(database: Database, other: OtherLayout) -> None:
    kept = SessionOptions(preserve_session_in_database=True)
    service = await serve(database, schema=other.state, session=kept)
    token = (await sign_up(service))["token"]
    await service.post("/sign-out", {}, bearer(token))
    assert (await service.get("/get-session", bearer(token))).json() is None


@pytest.mark.parametrize(
    ("mark", "code"), [("banned", "BANNED_USER"), ("twoFactorEnabled", "TWO_FACTOR_REQUIRED")]
)
async def test_restricted_user_is_refused(
    database: Database, other: OtherLayout, mark: str, code: str
) -> None:
    state = replace(other.state, restrictions=frozenset({"banned", "twoFactorEnabled"}))
    service = await serve(database, schema=state)
    token = (await sign_up(service))["token"]
    users = make_tables(other.layout).users
    name, where = other.layout.find_column("user", mark), users.fullname
    await service.execute(f"UPDATE {where} SET {name} = true")
    assert (await service.sign_in()).json()["code"] == code
    assert (await service.get("/token", bearer(token))).status == 403


async def test_key_pair_is_stored_and_published(database: Database, other: OtherLayout) -> None:
    options = enabled(JwtOptions(alg="EdDSA"))
    service = await serve(database, schema=other.state, plugins=options)
    token = (await sign_up(service))["token"]
    assert (await service.get("/token", bearer(token))).status == 200
    (key,) = (await service.get("/jwks")).json()["keys"]
    assert (len(key["kid"]) == 36) == (other.id == "uuid")
    assert (await service.get("/token", bearer(token))).status == 200


async def test_requests_are_counted(database: Database, other: OtherLayout) -> None:
    limits, rule = DatabaseRateLimits(database, make_tables(other.layout)), Rule(60, 2)
    waits = [await limits.consume("key", rule) for _ in range(3)]
    assert waits[:2] == [None, None]
    assert waits[2] is not None
    await limits.release("key", rule)
    assert await limits.consume("key", rule) is None
    await limits.remember("known", 60)
    assert await limits.is_remembered("known")
    await limits.clear("key", rule)
    assert await limits.consume("key", rule) is None


async def test_expired_values_are_removed_and_others_stay(
    database: Database, other: OtherLayout
) -> None:
    tables, day = make_tables(other.layout), timedelta(days=1)
    kept = DatabaseVerifications(database, tables, VerificationOptions())
    at = now()
    await kept.put("old", "1", at - 2 * day, at)
    await kept.put("young", "2", at + day, at)
    assert await kept.find("old", at) is None
    cleaner = make_cleaner(Settings(secret=""), database, other.state, pause=0)
    assert (await cleaner.round())["verifications"] == 1
    rows = await database.read_all(tables.verifications.select())
    assert [row[1] for row in rows] == ["young"]
    assert await consume(kept, "young", at) == "2"


async def test_cleaner_removes_what_expired_long_ago(
    service: Service, other: OtherLayout, database: Database
) -> None:
    await sign_up(service)
    token = (await service.sign_in()).json()["token"]
    tables = make_tables(other.layout)
    async with database.begin() as tx:
        ended = to_iso(now() - timedelta(days=3))
        same = tables.sessions.c.token == token
        await tx.execute(tables.sessions.update().where(same).values(expiresAt=ended))
    settings = Settings(secret="", session_cleanup=True)
    cleaner = make_cleaner(settings, database, other.state, pause=0)
    assert await cleaner.round() == {"sessions": 1, "verifications": 0}


async def test_times_are_stored_in_the_columns_own_form(
    service: Service, other: OtherLayout, database: Database
) -> None:
    made = await sign_up(service, since=BEGUN)
    users = make_tables(other.layout).users.fullname
    user = made["user"]
    (row,) = await database.read_all(text(f"SELECT created_at, since FROM {users}"))
    begun = to_milliseconds(now()) // 60_000_000
    match other.time:
        case "milliseconds":
            assert (row[1], row[0] // 60_000_000) == (1767323045000, begun)
        case "seconds":
            assert (row[1], row[0] // 60_000) == (1767323045, begun)
        case "iso":
            assert (row[0], row[1]) == (user["createdAt"], BEGUN)
        case form:
            assert (row[0].tzinfo is None) == (form == "timestamp")
            assert row[1].isoformat()[:19] == BEGUN[:19]


async def test_text_that_is_no_id_finds_nothing(
    service: Service, other: OtherLayout, database: Database
) -> None:
    tables = make_tables(other.layout)
    mapper = make_mappers(AdditionalFields(), database.dialect, tables).user
    found = PasswordAccounts(database, mapper, tables)
    user_id = (await sign_up(service))["user"]["id"]
    asked = [found.find_by_user_id(each) for each in ("nobody", user_id, "", f"{user_id} ")]
    nobody, ada, *others = await asyncio.gather(*asked)
    assert ada is not None
    assert [nobody, *others] == [None] * 3


async def test_sessions_are_in_secondary_storage(
    database: Database, other: OtherLayout, storage: RedisStorage
) -> None:
    state = replace(other.state, restrictions=frozenset({"banned"}))
    service = await serve(database, storage=storage, schema=state, user=USER)
    made = await sign_up(service, role="owner")
    answers = [await service.get("/get-session", bearer(made["token"])) for _ in range(2)]
    assert [answer.json()["user"] for answer in answers] == [made["user"]] * 2
    changed = await service.post("/update-user", {"name": "Countess"}, bearer(made["token"]))
    assert changed.status == 200
    told = (await service.get("/get-session", bearer(made["token"]))).json()["user"]
    assert (told["name"], told["role"]) == ("Countess", "owner")


async def test_several_sign_ups_for_one_address_wait_for_the_link(
    database: Database, other: OtherLayout, outgoing: Outgoing
) -> None:
    options = EmailAndPasswordOptions(require_email_verification=True)
    service = await serve(database, mailer=outgoing, schema=other.state, email_and_password=options)
    for password in (PASSWORD, NEW):
        body = {"name": "Ada", "email": EMAIL, "password": password}
        assert (await service.post("/sign-up/email", body)).status == 200
    assert (await service.sign_in()).status == 401
    link = urlsplit(outgoing.link())
    path = link.path.removeprefix("/api/auth")
    assert (await service.get(f"{path}?{link.query}")).status in (200, 302)
    assert (await service.sign_in(password=NEW)).status == 200


async def test_tasks_belong_to_users_of_the_database(
    database: Database, other: OtherLayout
) -> None:
    owner = ColumnLayout("user_id", other.id)
    laid = TableLayout("tasks", other.schema, {"user_id": owner})
    layout = Layout({**other.layout.tables, "tasks": laid}, uuid_ids=other.layout.uuid_ids)
    tables = make_tables(layout)
    is_postgres = database.dialect == "postgresql"
    number = "serial" if is_postgres else "integer"
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            f"CREATE TABLE {tables.make(declared_tasks).fullname} (id {number} PRIMARY KEY,"
            f" user_id {other.id or 'text'} NOT NULL, title text, description text,"
            " completed boolean, priority text, due_date timestamp with time zone,"
            f" tags {'jsonb' if is_postgres else 'text'}, created_at timestamp with time zone,"
            " updated_at timestamp with time zone)"
        )
    user_id = (await sign_up(await serve(database, schema=other.state)))["user"]["id"]
    tasks = Tasks(database, tables)
    made = await tasks.create(user_id, NewTask(title="Read"), now())
    assert (await tasks.list_page(user_id, Listing(search="READ"))).tasks == [made]
    done = await tasks.complete(user_id, made.id, now())
    assert (done.completed, done.user_id) == (True, user_id)
    assert (await tasks.list_page("nobody", Listing())).total == 0
    await tasks.delete(user_id, made.id)
