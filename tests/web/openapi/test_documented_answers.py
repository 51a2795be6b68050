"""What the document tells of each operation is what a client meets: no less and no more."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from http.client import CONFLICT, FOUND, OK
from urllib.parse import urlencode, urlsplit

import pytest
from msgspec import Struct
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.auth.background_tasks import BackgroundTasks
from app.auth.email_verification.link_tokens import LinkClaims, LinkTokens, Purpose
from app.models.additional_fields import read_fields
from app.models.clock import now
from app.models.errors import StoreUnavailable
from app.schema.migrate import migrate
from app.schema.requirements import Requirements
from app.schema.state import inspect_schema
from app.server.app import create_service_app
from app.server.container import Container
from app.server.resources import Resources
from app.settings.options import (
    AccountLinkingOptions,
    AccountOptions,
    ApiErrorOptions,
    ChangeEmailOptions,
    DeleteUserOptions,
    RateLimitOptions,
    SessionOptions,
    UserOptions,
)
from app.settings.settings import Settings
from app.storage.database import Database
from tests.support.asgi import Answer, Header, Json, call, json_body
from tests.support.documented import Documented, Operation, default_document
from tests.support.service import FORM, JSON, SECRET, cookies, from_now
from tests.support.smtp import Outgoing
from tests.support.tables import accounts, sessions

pytestmark = pytest.mark.anyio

Seen = set[tuple[str, str]]
NOT_LIMITED = RateLimitOptions(enabled=False)
MAILED_DELETION = DeleteUserOptions(enabled=True, send_delete_account_verification=True)
USER = UserOptions(change_email=ChangeEmailOptions(enabled=True), delete_user=MAILED_DELETION)
THEME = read_fields('{"theme": {"type": "string", "required": false}}')
DEFERRING = SessionOptions(defer_session_refresh=True, additional_fields=THEME)
OTHER = "another-user"
LINKED = ("openResetLink", "resetPassword", "openDeletionLink")  # what takes a mailed token

STORELESS = ("socialSignIn", "openOAuthCallback", "handleOAuthCallback")
# No request of ours brings these about: a race, users of a Node server's plugins, our own faults.
RARE: Seen = {
    ("getSession", "401"),
    ("refreshSession", "401"),
    ("getJSONWebToken", "403"),
    ("updateUser", "422"),
    ("updateSession", "422"),
} | {(name, "500") for name in ("ok", "error", "live", "ready", *STORELESS)}


# What needs more than one request, or other settings, to succeed.
NOT_AT_ONCE = {"signUpWithEmailAndPassword", "unlinkAccount"}


class Person(Struct, frozen=True):
    """Somebody who is signed in: credentials for the auth routes and for the tasks."""

    id: str
    cookie: Header
    bearer: Header

    def headers(self, operation: Operation) -> list[Header]:
        """Those that the operation takes, as the server's own page sends them."""
        own = self.bearer if "Tasks" in operation.told["tags"] else self.cookie
        return [own, ("origin", "http://localhost:8000")]


class Broken:
    """A store that fails in its own way, whatever it is asked."""

    dialect = "sqlite"

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    async def read_one(self, *_: object) -> None:
        raise self._fault

    read_all = read_one
    search = read_one
    ping = read_one

    def begin(self) -> AbstractAsyncContextManager[AsyncConnection]:
        raise self._fault


class Course:
    """Requests to all operations of applications over one database, and the answers seen."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.outgoing = Outgoing()
        self.background = BackgroundTasks()
        self.seen: Seen = set()

    async def app(
        self,
        *,
        rate_limit: RateLimitOptions = NOT_LIMITED,
        session: SessionOptions = DEFERRING,
        fault: Exception | None = None,
        error_url: str | None = None,
        unlinks: bool = False,
    ) -> Documented:
        settings = Settings(
            secret=SECRET,
            rate_limit=rate_limit,
            session=session,
            on_api_error=ApiErrorOptions(error_url=error_url),
            user=USER,
            account=AccountOptions(
                account_linking=AccountLinkingOptions(allow_unlinking_all=unlinks)
            ),
            smtp_url="console:",
        )
        store = self.database if fault is None else Broken(fault)
        held = Resources(store, mailer=self.outgoing, background=self.background)  # type: ignore[arg-type]  # a fake
        schema = await inspect_schema(self.database)
        made = create_service_app(Container(settings, held, schema))
        app = Documented(made, default_document())
        app.seen = self.seen
        return app


async def send(
    app: Documented,
    operation: Operation,
    headers: Sequence[Header] = (),
    body: Json = ...,
    *,
    user: str = OTHER,
    task: str = "1",
    query: str = "",
) -> Answer:
    """The request that the document shows, or one with another body (bytes as they are)."""
    path = operation.path.replace("{user_id}", user).replace("{task_id}", task)
    path += query or _needed_query(operation)
    content = operation.told.get("requestBody", {}).get("content", {})
    sent = list(headers)
    if body is ...:
        body = (
            next(iter(content["application/json"]["examples"].values()))["value"]
            if content
            else b""
        )
    octets = body if isinstance(body, bytes) else json_body(body)
    if octets and not any(name == "content-type" for name, _ in sent):
        sent.append(JSON)
    return await call(app, operation.method, path, sent, octets)


def _needed_query(operation: Operation) -> str:
    """The parameters that can't be left out, as the document shows them."""
    found = [
        (each["name"], each["schema"]["examples"][0])
        for each in operation.told.get("parameters", ())
        if each["in"] == "query" and each["required"] and "examples" in each["schema"]
    ]
    return f"?{urlencode(found)}" if found else ""


def named(name: str) -> Operation:
    return next(each for each in default_document().operations if each.told["operationId"] == name)


DELETION = named("openDeletionLink")


async def signed_in(app: Documented) -> Person:
    answer = await send(app, named("signInEmail"))
    cookie = ("cookie", cookies(answer))
    token = (await send(app, named("getJSONWebToken"), [cookie])).json()["token"]
    return Person(answer.json()["user"]["id"], cookie, ("authorization", f"Bearer {token}"))


async def test_every_answer_is_told_and_every_told_answer_comes(
    sqlite_url: str, sqlite_database: Database
) -> None:
    await migrate(sqlite_url, Requirements(fields={"session": THEME}))
    course = Course(sqlite_database)
    app = await course.app()
    assert (await send(app, named("signUpWithEmailAndPassword"))).status == 200
    await _open_links(app, course)
    assert (await send(app, named("signUpWithEmailAndPassword"))).status == 200
    (hashed,) = await sqlite_database.read_all(select(accounts.c.password))
    await _keep_a_user(app, course)
    for operation in default_document().operations:
        ada = await signed_in(app)
        await _succeed(app, operation, ada)
        await _fail(app, operation, ada)
        async with sqlite_database.begin() as tx:
            await tx.execute(update(accounts).values(password=hashed[0]))
    await _refuse_people(app)
    await _open_bad_links(app, ada)
    await send(await course.app(session=SessionOptions()), named("refreshSession"))
    await send(app, named("refreshSession"), query="?callbackURL=a&callbackURL=b")
    await send(await course.app(error_url="/oops"), named("error"))
    await send(app, named("openOAuthCallback"), query="?state=a&state=b")
    await _unlink(course, await signed_in(app))
    long_ago = await _signed_in_long_ago(app, course)
    for name in ("listUserSessions", "unlinkAccount"):
        await send(app, named(name), long_ago.headers(named(name)))
    for each in (StoreUnavailable(), LookupError()):
        broken = await course.app(fault=each)
        for operation in default_document().operations:
            query = _needed(operation, ada)
            await send(broken, operation, ada.headers(operation), user=ada.id, query=query)
    counting = RateLimitOptions(storage="database")
    uncounted = await course.app(fault=StoreUnavailable(), rate_limit=counting)
    for operation in default_document().operations:
        await send(uncounted, operation)
    limited = await course.app(rate_limit=RateLimitOptions(max=1))
    for operation in default_document().operations * 4:
        await send(limited, operation)
    never = sorted(_told() - course.seen - RARE)
    assert not never, f"told, but no answer: {never}"


def _told() -> Seen:
    return {
        (each.told["operationId"], status)
        for each in default_document().operations
        for status in each.told["responses"]
    }


async def _succeed(app: Documented, operation: Operation, ada: Person) -> None:
    """The first example that the document shows, sent by somebody with good credentials."""
    can_succeed = any(status.startswith("2") for status in operation.told["responses"])
    if operation.told["operationId"] in {*NOT_AT_ONCE, *LINKED} or not can_succeed:
        return
    task = (await send(app, named("createTask"), [ada.bearer])).json()["id"]
    credentials = ada.headers(operation)
    if operation.told["operationId"] in ("signOut", "sendVerificationEmail"):
        credentials = []
    query = _needed(operation, ada)
    answer = await send(app, operation, credentials, user=ada.id, task=str(task), query=query)
    assert 200 <= answer.status < 300, (operation.told["operationId"], answer.body)


async def _open_links(app: Documented, course: Course) -> None:
    """What mails lead to; in the end the user is deleted, twice."""
    sign_up, delete = named("signUpWithEmailAndPassword"), named("deleteUser")
    await send(app, named("requestPasswordReset"))
    await course.background.finish()
    token = urlsplit(course.outgoing.link()).path.rpartition("/")[2]
    assert (await send(app, named("openResetLink"))).status == FOUND
    chosen = {"newPassword": "correct horse battery", "token": token}
    assert (await send(app, named("resetPassword"), (), chosen)).status == OK
    for url, status in (("", OK), ("&callbackURL=/bye", FOUND)):
        await send(app, sign_up)
        ada = await signed_in(app)
        await send(app, delete, ada.headers(delete), {"token": "unknown"})
        await send(app, delete, ada.headers(delete))
        query = f"?{urlsplit(course.outgoing.link()).query.partition('&')[0]}{url}"
        assert (await send(app, DELETION, [ada.cookie], query=query)).status == status
    for each in (named("openResetLink"), DELETION):
        assert (await send(app, each, query="?token=x&callbackURL=//evil.example")).status == 403


async def _keep_a_user(app: Documented, course: Course) -> None:
    """A user to whom a table of the application refers can't be deleted."""
    ada, delete = await signed_in(app), named("deleteUser")
    await send(app, delete, ada.headers(delete))
    query = urlsplit(course.outgoing.link()).query.partition("&")[0]
    async with course.database.begin() as tx:
        await tx.execute(text('CREATE TABLE invoice ("userId" text REFERENCES "user" (id))'))
        await tx.execute(text('INSERT INTO invoice SELECT id FROM "user"'))
    token = {"token": query.partition("=")[2]}
    assert (await send(app, delete, ada.headers(delete), token)).status == CONFLICT
    assert (await send(app, DELETION, [ada.cookie], query=f"?{query}")).status == CONFLICT
    async with course.database.begin() as tx:
        await tx.execute(text("DROP TABLE invoice"))


async def _fail(app: Documented, operation: Operation, ada: Person) -> None:
    """What can be wrong with a request to any operation."""
    credentials = ada.headers(operation)
    for headers in ([], credentials, [credentials[0], ("origin", "https://evil.example")]):
        await send(app, operation, headers, b"{", user=ada.id, task="999999")
        await send(app, operation, headers, user=ada.id, task="999999", query="?limit=0")
        await send(app, operation, headers, user=OTHER, query=_needed(operation, ada))
        await send(app, operation, [*headers, ("content-type", "text/plain")], b"x", user=ada.id)
        await send(app, operation, headers, b" " * (1024 * 1024 + 1), user=ada.id)
    wrong: list[Json] = [[], {"title": 5}, {"callbackURL": 5}, {"completed": "yes"}]
    for body in wrong:
        await send(app, operation, credentials, body, user=ada.id)


def _needed(operation: Operation, ada: Person) -> str:
    """A query for the operations that can do nothing without one."""
    links = {
        "verifyEmail": _link(LinkClaims(ada.id, "ada@example.com")),
        "accountInfo": "?accountId=x",
    }
    return links.get(operation.told["operationId"], "")


def _link(claims: LinkClaims, callback_url: str = "") -> str:
    """The query of a mailed link."""
    token = LinkTokens([SECRET], expires_in=3600).issue(claims, now())
    return f"?token={token}&callbackURL={callback_url}"


async def _open_bad_links(app: Documented, ada: Person) -> None:
    """To an address that somebody has, with nothing in it, and on to elsewhere."""
    sign_up, verify = named("signUpWithEmailAndPassword"), named("verifyEmail")
    body = {"name": "Bob", "email": "bob@example.com", "password": "correct horse"}
    assert (await send(app, sign_up, (), body)).status == 200
    taken = LinkClaims(ada.id, "ada@example.com", Purpose.VERIFY_CHANGE, "bob@example.com")
    assert (await send(app, verify, query=_link(taken))).status == 422
    assert (await send(app, verify, query=_link(taken, "/welcome"))).status == 302
    assert (await send(app, verify, query="?token=")).status == 401
    assert (await send(app, verify, query=_link(taken, "https://evil.example"))).status == 403


async def _unlink(course: Course, ada: Person) -> None:
    """The last account of somebody who has one; then they have none, and get theirs back."""
    app = await course.app(unlinks=True)
    mine = select(accounts).where(accounts.c.userId == ada.id)
    (account,) = await course.database.read_all(mine)
    body = {"accountId": account.id}
    unlink = named("unlinkAccount")
    assert (await send(app, unlink, ada.headers(unlink), body)).status == 200
    async with course.database.begin() as tx:
        await tx.execute(insert(accounts).values(account._asdict()))


async def _signed_in_long_ago(app: Documented, course: Course) -> Person:
    ada = await signed_in(app)
    async with course.database.begin() as tx:
        await tx.execute(update(sessions).values(createdAt=from_now(days=-30)))
    return ada


async def _refuse_people(app: Documented) -> None:
    """A taken address, a wrong password, a form."""
    sign_up, sign_in = named("signUpWithEmailAndPassword"), named("signInEmail")
    assert (await send(app, sign_up)).status == 422
    wrong = {"email": "ada@example.com", "password": "not this one"}
    assert (await send(app, sign_in, (), wrong)).status == 401
    form = b"email=ada%40example.com&password=correct+horse+battery"
    assert (await send(app, sign_in, [FORM], form)).status == 200
