"""What follows a change or removal of a user, and the start and the end of a session."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.auth.hooks import Hooks, UpdatedUser, UserBan
from app.models.records import Session, User
from app.settings.options import (
    DeleteUserOptions,
    EmailAndPasswordOptions,
    EmailVerificationOptions,
    SessionOptions,
    UserOptions,
)
from app.storage.after_commit import start_after_commit
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.plugins.steps import Nope, serve_with
from tests.plugins.test_hooks import CHANGE, find_link
from tests.support.asgi import Answer
from tests.support.service import EMAIL, PASSWORD, Service, browser
from tests.support.smtp import Outgoing
from tests.support.tables import sessions, users

pytestmark = pytest.mark.anyio

DELETES = UserOptions(delete_user=DeleteUserOptions(enabled=True))
Call = Callable[[Service, list[tuple[str, str]]], Awaitable[Answer]]


async def count(tx: AsyncConnection, table: object) -> int:
    return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())  # type: ignore[arg-type]  # a Table


class Diary:
    """Writes down what hooks hear, and refuses or breaks down where a test says so."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.refuses = ""
        self.breaks = ""

    def note(self, line: str) -> None:
        name = line.split(maxsplit=1)[0]
        self.lines.append(line)
        if name == self.refuses:
            raise Nope
        if name == self.breaks:
            raise RuntimeError(name)

    async def created(self, session: Session, user: User, tx: AsyncConnection) -> None:
        assert session.user_id == user.id
        self.note(f"session_created {await count(tx, sessions)}")

    async def ask(self, session: Session) -> None:
        self.note(f"before_session_deleted {session.user_agent}")

    async def deleted(self, session: Session, tx: AsyncConnection) -> None:
        self.note(f"session_deleted {session.user_agent} {await count(tx, sessions)}")
        start_after_commit(tx, partial(self.lines.append, "committed"))

    async def updated(self, change: UpdatedUser, tx: AsyncConnection) -> None:
        stored = (await tx.execute(select(users.c.name))).scalar_one()
        self.note(f"user_updated {'+'.join(change.values)} {change.user.name} {stored}")

    async def ask_user(self, user: User) -> None:
        self.note(f"before_user_deleted {user.email}")

    async def user_deleted(self, user: User, tx: AsyncConnection) -> None:
        self.note(f"user_deleted {user.email} {await count(tx, users)}")

    async def password(self, user_id: str, tx: AsyncConnection) -> None:
        stored = (await tx.execute(select(users.c.id))).scalar_one()
        self.note(f"password_changed {user_id == str(stored)}")

    async def banned(self, ban: UserBan, _tx: AsyncConnection) -> None:
        self.note(f"user_banned {ban.user.email} {ban.reason}")

    def make_hooks(self) -> Hooks:
        return Hooks(
            session_created=[self.created],
            before_session_deleted=[self.ask],
            session_deleted=[self.deleted],
            user_updated=[self.updated],
            before_user_deleted=[self.ask_user],
            user_deleted=[self.user_deleted],
            password_changed=[self.password],
            user_banned=[self.banned],
        )


def agent(name: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("user-agent", name), *more]


async def serve_diary(
    database: Database, diary: Diary, storage: RedisStorage | None = None, **options: object
) -> Service:
    return await serve_with(database, diary.make_hooks(), storage, user=DELETES, **options)


async def sign_in(service: Service, name: str) -> list[tuple[str, str]]:
    """Returns the headers of a new session with this user agent."""
    body = {"email": EMAIL, "password": PASSWORD}
    return browser(await service.post("/sign-in/email", body, agent(name)))


async def test_session_is_told_where_it_is_stored(database: Database) -> None:
    diary = Diary()
    service = await serve_diary(database, diary)
    await service.sign_up()
    await sign_in(service, "second")
    assert diary.lines == ["session_created 1", "session_created 2"]


async def test_sign_out_asks_and_tells_in_its_transaction(database: Database) -> None:
    diary = Diary()
    service = await serve_diary(database, diary)
    await service.sign_up()
    ada = await sign_in(service, "phone")
    diary.lines.clear()
    assert (await service.post("/sign-out", {}, ada)).status == 200
    assert diary.lines == ["before_session_deleted phone", "session_deleted phone 1", "committed"]


async def end_others(service: Service, ada: list[tuple[str, str]]) -> Answer:
    return await service.post("/revoke-other-sessions", {}, ada)


async def change_password(service: Service, ada: list[tuple[str, str]]) -> Answer:
    return await service.post("/change-password", CHANGE, ada)


async def delete_user(service: Service, ada: list[tuple[str, str]]) -> Answer:
    return await service.post("/delete-user", {"password": PASSWORD}, ada)


@pytest.mark.parametrize(
    ("end", "ended"),
    [
        (end_others, {"phone"}),
        (change_password, {"phone", "laptop"}),
        (delete_user, {"phone", "laptop"}),
    ],
    ids=["revoke-other-sessions", "change-password", "delete-user"],
)
@pytest.mark.parametrize("kept_in", ["rows", "redis", "both"])
@pytest.mark.engines("sqlite")
async def test_every_session_that_ends_is_told_once(
    database: Database, storage: RedisStorage, kept_in: str, end: Call, ended: set[str]
) -> None:
    diary = Diary()
    service = await serve_diary(
        database,
        diary,
        storage if kept_in != "rows" else None,
        session=SessionOptions(store_session_in_database=kept_in == "both"),
    )
    await service.post(
        "/sign-up/email", {"name": "Ada", "email": EMAIL, "password": PASSWORD}, agent("phone")
    )
    ada = await sign_in(service, "laptop")
    diary.lines.clear()
    await end(service, ada)
    heard = [line.split()[1] for line in diary.lines if line.startswith("session_deleted")]
    asked = [line.split()[1] for line in diary.lines if line.startswith("before_session_deleted")]
    assert sorted(asked) == sorted(ended)
    assert set(heard) == ended  # a trial of a removal may run them, and commits nothing
    assert diary.lines.count("committed") == len(ended)


async def test_removal_tells_of_user_and_sessions(database: Database) -> None:
    diary = Diary()
    service = await serve_diary(database, diary)
    await service.sign_up()
    ada = await sign_in(service, "phone")
    diary.lines.clear()
    await delete_user(service, ada)
    assert diary.lines[0] == f"before_user_deleted {EMAIL}"
    assert f"user_deleted {EMAIL} 0" in diary.lines


async def test_change_of_a_user_tells_the_new_record(database: Database) -> None:
    diary = Diary()
    service = await serve_diary(database, diary)
    ada = browser(await service.sign_up())
    diary.lines.clear()
    assert (await service.post("/update-user", {"name": "Countess"}, ada)).status == 200
    assert diary.lines == ["user_updated name Countess Countess"]


async def test_change_of_a_password_is_told(database: Database) -> None:
    diary = Diary()
    service = await serve_diary(database, diary)
    ada = browser(await service.sign_up())
    diary.lines.clear()
    await service.post("/change-password", {**CHANGE, "revokeOtherSessions": False}, ada)
    assert diary.lines == ["password_changed True"]


async def update_name(service: Service, ada: list[tuple[str, str]]) -> Answer:
    return await service.post("/update-user", {"name": "Countess"}, ada)


async def sign_out(service: Service, ada: list[tuple[str, str]]) -> Answer:
    return await service.post("/sign-out", {}, ada)


async def sign_in_again(service: Service, ada: list[tuple[str, str]]) -> Answer:
    return await service.sign_in()


BROKEN = [
    ("session_created", sign_in_again),
    ("session_deleted", sign_out),
    ("session_deleted", change_password),
    ("password_changed", change_password),
    ("user_updated", update_name),
    ("user_deleted", delete_user),
]


@pytest.mark.parametrize(("name", "act"), BROKEN, ids=[f"{a}-{b.__name__}" for a, b in BROKEN])
async def test_hook_that_breaks_down_leaves_all_as_it_was(
    database: Database, name: str, act: Call
) -> None:
    diary = Diary()
    service = await serve_diary(database, diary)
    ada = browser(await service.sign_up())
    before = await service.rows(users), await service.rows(sessions)
    diary.breaks = name
    assert (await act(service, ada)).status == 500
    diary.breaks = ""
    assert (await service.rows(users), await service.rows(sessions)) == before
    assert "committed" not in diary.lines
    assert (await service.sign_in()).status == 200  # with the password as it was


REFUSED = [
    ("before_session_deleted", change_password),
    ("before_session_deleted", end_others),
    ("before_session_deleted", delete_user),
    ("before_user_deleted", delete_user),
]


@pytest.mark.parametrize(("name", "act"), REFUSED, ids=[f"{a}-{b.__name__}" for a, b in REFUSED])
@pytest.mark.parametrize("kept_in", ["rows", "redis"])
@pytest.mark.engines("sqlite")
async def test_refusal_before_an_end_keeps_everything(
    database: Database, storage: RedisStorage, kept_in: str, name: str, act: Call
) -> None:
    diary = Diary()
    service = await serve_diary(database, diary, storage if kept_in == "redis" else None)
    phone = browser(await service.sign_up())
    ada = await sign_in(service, "laptop")
    diary.refuses = name
    refused = await act(service, ada)
    assert refused.json()["code"] == "NOPE"
    for each in (phone, ada):
        assert (await service.get("/get-session", each)).json() is not None


@pytest.mark.engines("sqlite")
async def test_trial_of_a_removal_starts_nothing_after_its_commit(
    database: Database, storage: RedisStorage
) -> None:
    done: list[str] = []

    async def follow(user: User, tx: AsyncConnection) -> None:
        start_after_commit(tx, partial(done.append, user.email))

    service = await serve_with(database, Hooks(user_deleted=[follow]), storage, user=DELETES)
    ada = browser(await service.sign_up())
    await delete_user(service, ada)
    assert done == [EMAIL]


async def note_user(into: list[str], word: str, user: User) -> None:
    into.append(f"{word} {user.email} {user.email_verified}")


async def test_proof_of_an_address_has_a_before_and_an_after(database: Database) -> None:
    lines, outbox = list[str](), Outgoing()
    service = await serve_with(
        database,
        Hooks(
            before_email_verified=[partial(note_user, lines, "before")],
            after_email_verified=[partial(note_user, lines, "after")],
        ),
        mailer=outbox,
        email_verification=EmailVerificationOptions(send_on_sign_up=True),
    )
    await service.sign_up()
    for _ in range(2):  # the second time there is nothing to prove
        await service.get(find_link(outbox))
    assert lines == [f"before {EMAIL} False", f"after {EMAIL} True"]


async def test_reset_of_a_password_is_told_when_it_is_done(database: Database) -> None:
    lines, outbox = list[str](), Outgoing()
    hooks = Hooks(on_password_reset=[partial(note_user, lines, "reset")])
    service = await serve_with(database, hooks, mailer=outbox)
    await service.sign_up()
    await service.post("/request-password-reset", {"email": EMAIL, "redirectTo": "/reset"})
    token = outbox.messages[-1].text.split("/reset-password/")[1].split("?")[0]
    body = {"newPassword": "battery staple", "token": token}
    for status in (200, 400):
        assert (await service.post("/reset-password", body)).status == status
    assert lines == [f"reset {EMAIL} False"]


async def test_sign_up_with_a_taken_address_is_told_to_its_owner_alone(database: Database) -> None:
    lines = list[str]()
    service = await serve_with(
        database,
        Hooks(on_existing_user_sign_up=[partial(note_user, lines, "taken")]),
        mailer=Outgoing(),
        email_and_password=EmailAndPasswordOptions(require_email_verification=True),
    )
    await service.sign_up()
    assert lines == []
    assert (await service.sign_up()).status == 200
    assert lines == [f"taken {EMAIL} False"]
