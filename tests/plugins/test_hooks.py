"""What a feature that steps in may break, and what it may not."""

import asyncio
import re
from collections.abc import Sequence

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.auth.hooks import (
    Challenge,
    Hooks,
    Passed,
    PasswordSignIn,
    PendingSession,
    UserChange,
    Values,
)
from app.models.records import Session, User
from app.settings.options import EmailAndPasswordOptions, EmailVerificationOptions
from app.storage.database import Database
from app.storage.redis import RedisStorage
from app.web.http.asgi import Header
from app.web.http.headers import Headers
from tests.plugins.steps import Nope, serve_with
from tests.support.asgi import call, json_body
from tests.support.service import EMAIL, JSON, PASSWORD, Service, browser, serve
from tests.support.smtp import Outgoing
from tests.support.tables import sessions, users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

CHANGE = {
    "currentPassword": "correct horse",
    "newPassword": "battery staple",
    "revokeOtherSessions": True,
}


class Judge:
    """Refuses sessions once it is told to, and counts how often it is asked."""

    def __init__(self) -> None:
        self.refuses = False
        self.asked: list[PendingSession] = []

    async def judge(self, pending: PendingSession) -> Values:
        self.asked.append(pending)
        if self.refuses:
            raise Nope
        return {}


async def add_column(database: Database, column: str) -> str:
    """Adds a column of a Node server's plugin. Returns the SQL that sets it."""
    kind = "integer" if database.dialect == "sqlite" else "boolean"
    async with database.begin() as tx:
        await tx.exec_driver_sql(f'ALTER TABLE "user" ADD COLUMN "{column}" {kind}')
    return f'UPDATE "user" SET "{column}" = CAST(1 AS {kind})'


@pytest.mark.parametrize("column", ["banned", "twoFactorEnabled"])
async def test_restricted_user_may_replace_all_sessions(database: Database, column: str) -> None:
    restrict = await add_column(database, column)
    service = await serve(database)
    ada = await service.sign_up()
    await service.execute(restrict)
    changed = await service.post("/change-password", CHANGE, browser(ada))
    assert changed.status == 200
    (row,) = await service.rows(sessions)
    assert row["token"] == changed.json()["token"] != ada.json()["token"]
    assert (await service.sign_in(password="battery staple")).status == 403


async def test_restricted_user_may_replace_all_sessions_in_redis(
    sqlite_database: Database, storage: RedisStorage
) -> None:
    restrict = await add_column(sqlite_database, "twoFactorEnabled")
    service = await serve(sqlite_database, storage=storage)
    ada = await service.sign_up()
    await service.execute(restrict)
    changed = await service.post("/change-password", CHANGE, browser(ada))
    assert changed.status == 200
    assert (await service.get("/get-session", browser(ada))).json() is None
    assert (await service.get("/get-session", browser(changed))).json() is not None


async def test_refused_change_of_password_ends_no_session(
    sqlite_database: Database, storage: RedisStorage
) -> None:
    judge = Judge()
    hooks = Hooks(before_session_created=[judge.judge])
    service = await serve_with(sqlite_database, hooks, storage)
    ada, elsewhere = await service.sign_up(), await service.sign_in()
    judge.refuses = True
    refused = await service.post("/change-password", CHANGE, browser(ada))
    assert refused.json()["code"] == "NOPE"
    assert judge.asked[-1].replaces
    for each in (ada, elsewhere):
        assert (await service.get("/get-session", browser(each))).json() is not None
    judge.refuses = False
    assert (await service.sign_in()).status == 200


async def test_session_is_judged_once_where_second_factors_are_passed(database: Database) -> None:
    judge, order = Judge(), list[int]()

    async def pass_on(_attempt: PasswordSignIn) -> Challenge | Passed:
        order.append(len(judge.asked))
        return Passed()

    hooks = Hooks(before_session_created=[judge.judge], second_factors=[pass_on])
    service = await serve_with(database, hooks)
    await service.sign_up()
    judge.asked.clear()
    assert (await service.sign_in()).status == 200
    assert (len(judge.asked), order) == (1, [1])


async def test_work_after_a_sign_up_does_not_fail_it(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    async def break_down(_user: User, _request: object) -> None:
        raise RuntimeError

    async def note(user: User, _request: object) -> None:
        done.append(user.email)

    service = await serve_with(database, Hooks(after_user_created=[break_down, note]))
    ada = await service.sign_up()
    assert (ada.status, len(await service.rows(sessions))) == (200, 1)
    assert (await service.get("/get-session", browser(ada))).json()["user"]["email"] == EMAIL
    assert done == [EMAIL]
    assert [each.message for each in caplog.records].count("work after an answer failed") == 1


async def test_work_after_a_sign_up_tells_nobody_who_has_an_account(
    sqlite_database: Database,
) -> None:
    may_go_on, begun = asyncio.Event(), list[str]()

    async def wait(user: User, _request: object) -> None:
        begun.append(user.email)
        await may_go_on.wait()

    service = await serve_with(
        sqlite_database,
        Hooks(after_user_created=[wait]),
        mailer=Outgoing(),
        email_and_password=EmailAndPasswordOptions(require_email_verification=True),
    )
    body = json_body({"name": "Ada", "email": EMAIL, "password": PASSWORD})
    async with asyncio.timeout(20):  # a post of the service would wait for the work
        free, taken = [
            await call(service.app, "POST", "/api/auth/sign-up/email", [JSON], body)
            for _ in range(2)
        ]
    assert (free.status, taken.status) == (200, 200)
    may_go_on.set()
    await service.background.finish()
    assert begun == [EMAIL]


def find_link(outbox: Outgoing) -> str:
    """The path of the link that was mailed last, below the base path."""
    found = re.search(r"/verify-email\S+", outbox.messages[-1].text)
    assert found is not None
    return found.group()


async def serve_links(database: Database, hooks: Hooks, outbox: Outgoing) -> Service:
    mailed = EmailVerificationOptions(auto_sign_in_after_verification=True, send_on_sign_up=True)
    return await serve_with(database, hooks, mailer=outbox, email_verification=mailed)


async def test_link_whose_session_is_refused_leads_back_with_the_code(database: Database) -> None:
    judge, outbox = Judge(), Outgoing()
    service = await serve_links(database, Hooks(before_session_created=[judge.judge]), outbox)
    await service.sign_up(callbackURL="/welcome")
    judge.refuses = True
    opened = await service.get(find_link(outbox))
    assert (opened.status, opened.header("location")) == (302, "/welcome?error=NOPE")
    (row,) = await service.rows(users)
    assert row["emailVerified"]


async def test_link_whose_change_is_refused_leads_back_with_the_code(database: Database) -> None:
    async def refuse(_change: UserChange) -> Values:
        raise Nope

    outbox = Outgoing()
    service = await serve_links(database, Hooks(before_user_updated=[refuse]), outbox)
    await service.sign_up(callbackURL="/welcome")
    link = find_link(outbox)
    opened = await service.get(link)
    assert (opened.status, opened.header("location")) == (302, "/welcome?error=NOPE")
    bare = await service.get(link.partition("&callbackURL")[0])
    assert (bare.status, bare.json()["code"]) == (403, "NOPE")
    (row,) = await service.rows(users)
    assert not row["emailVerified"]


async def test_sign_out_clears_the_cookies_whatever_a_plugin_does(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_down(_headers: Headers) -> Sequence[Header]:
        raise RuntimeError

    async def add_header(_headers: Headers) -> Sequence[Header]:
        return [("x-signed-out", "1")]

    service = await serve_with(database, Hooks(signed_out=[break_down, add_header]))
    ada = await service.sign_up()
    left = await service.post("/sign-out", {}, browser(ada))
    assert (left.status, left.header("x-signed-out")) == (200, "1")
    cleared = [line for line in left.header_list("set-cookie") if "session_token=;" in line]
    assert len(cleared) == 1
    assert await service.rows(sessions) == []
    assert "sign-out incomplete" in [each.message for each in caplog.records]


@pytest.mark.engines("sqlite", "postgres")
async def test_made_up_user_leaves_nothing_of_what_a_plugin_wrote(database: Database) -> None:
    seen: list[str] = []

    async def rename(user: User, tx: AsyncConnection) -> None:
        seen.append(user.id)
        await tx.execute(update(users).values(name=f"User {len(seen)}"))

    service = await serve_with(
        database,
        Hooks(user_created=[rename]),
        mailer=Outgoing(),
        email_and_password=EmailAndPasswordOptions(require_email_verification=True),
    )
    await service.sign_up()
    assert (await service.sign_up()).status == 200
    (row,) = await service.rows(users)
    assert (len(seen), row["name"]) == (2, "User 1")


@pytest.mark.parametrize("with_storage", [False, True])
async def test_session_that_is_refused_when_it_is_stored_is_nowhere(
    database: Database, storage: RedisStorage, with_storage: bool
) -> None:
    refuses = False

    async def judge(session: Session, user: User, tx: AsyncConnection) -> None:
        assert session.user_id == user.id
        assert tx.in_transaction()
        if refuses:
            raise Nope

    hooks = Hooks(session_added=[judge])
    service = await serve_with(database, hooks, storage if with_storage else None)
    ada = await service.sign_up()
    refuses = True
    assert (await service.sign_in()).json()["code"] == "NOPE"
    assert (await service.post("/change-password", CHANGE, browser(ada))).json()["code"] == "NOPE"
    refuses = False
    assert (await service.sign_in()).status == 200
    listed = await service.get("/list-sessions", browser(await service.sign_in()))
    # The change of the password ends sessions in secondary storage before it can be refused.
    assert len(listed.json()) == (2 if with_storage else 3)
