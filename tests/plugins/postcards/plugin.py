"""A plugin with all that one may bring: columns, a table, an endpoint, options, a mail, a cookie.

Whoever signs up states a motto, and may send postcards. It stands in no list but a test's.
"""

from pathlib import Path
from typing import Final

from msgspec import Struct
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.auth.hooks import Hooks, PendingSession, PendingUser, UserChange, Values
from app.auth.sessions.guard import SignedInRequest
from app.models.additional_fields import AdditionalField
from app.models.clock import to_iso
from app.models.errors import Refusal
from app.models.records import User
from app.models.tables import make_timestamp_column
from app.plugins.plugin import BuiltPlugin, Plugin, Services
from app.schema.branch import Branch
from app.settings.cookie_options import CookieAttributes
from app.settings.plugin_settings import MailTemplate
from app.web.endpoint import Caller, Endpoint, Route
from app.web.http.response import JsonResponse
from app.web.input.validation import WireBody
from app.web.rate_rule import Rule

_HERE: Final = Path(__file__).parent
_DAY: Final = 24 * 3600
_PLACEHOLDERS: Final = frozenset({"name", "email", "site", "text"})

postcards = Table(
    "postcard",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("userId", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("stamps", Integer, nullable=False),
    make_timestamp_column("postcard", "sentAt"),
)


class PostcardOptions(Struct, frozen=True, kw_only=True):
    """`max_length` is that of a motto, in characters; a `greeting` is sent on sign-up."""

    max_length: int = 20
    greeting: str | None = None


class MottoTooLong(Refusal):
    status, code, message = 400, "MOTTO_TOO_LONG", "Motto too long"


class PostcardBody(WireBody, frozen=True):
    text: str


class SentPostcard(Struct, frozen=True):
    id: str


SEND = Endpoint(
    "POST /postcards/send",
    name="sendPostcard",
    tag="Postcards",
    summary="Send a postcard to oneself",
    caller=Caller.SESSION,
    body=PostcardBody,
    body_examples={"A greeting": {"text": "Hi"}},
    responses={"Sent": SentPostcard("p1")},
    rate_rule=Rule(window=60, max=2),
)


class Postcards:
    """Mottos of users, and their postcards."""

    def __init__(self, services: Services, options: PostcardOptions) -> None:
        self._services = services
        self._options = options
        self._table = services.tables.make(postcards)
        self._cookie = services.make_cookie("last_postcard", CookieAttributes(max_age=_DAY))

    def routes(self) -> list[Route]:
        return [SEND.with_handler(self.send, self._services.guard)]

    async def check_new(self, pending: PendingUser) -> Values:
        return self._check(pending.values)

    async def check_change(self, change: UserChange) -> Values:
        return self._check(change.values)

    def _check(self, values: Values) -> Values:
        motto = values.get("motto")
        if not isinstance(motto, str):
            return {}
        if len(motto) > self._options.max_length:
            raise MottoTooLong
        return {"motto": motto.strip()}

    async def set_mood(self, pending: PendingSession) -> Values:
        """A session of somebody with a motto begins cheerfully."""
        return {"mood": "merry"} if getattr(pending.user, "motto", None) else {}

    async def greet(self, user: User, tx: AsyncConnection) -> None:
        """A first postcard, written with the user or not at all."""
        if self._options.greeting is not None:
            row = self._row(user, self._options.greeting, user.created_at)
            await tx.execute(insert(self._table), row)

    async def tell(self, user: User, _request: object) -> None:
        """A mail, once the user is there to stay."""
        self._mail(user, f"Welcome, {user.name}")

    async def send(self, request: SignedInRequest[PostcardBody]) -> JsonResponse[SentPostcard]:
        """Keep it, mail it, and remember it in a cookie."""
        user, text = request.caller.user, request.body.text
        row = self._row(user, text, to_iso(request.now))
        async with self._services.database.begin() as tx:
            await tx.execute(insert(self._table), row)
        self._mail(user, text)
        before = self._cookie.find(request.headers)
        cookie = self._cookie.expire() if before == text else self._cookie.give(text)
        return JsonResponse(SentPostcard(str(row["id"])), [cookie])

    def _mail(self, user: User, text: str) -> None:
        emails = self._services.auth_emails
        if emails is not None:
            emails.send("postcard", user.email, {"text": text}, user)

    def _row(self, user: User, text: str, sent_at: str) -> dict[str, object]:
        row_id = self._services.tables.generate_id()
        return {"id": row_id, "userId": user.id, "text": text, "stamps": 1, "sentAt": sent_at}


class PostcardsPlugin(Plugin[PostcardOptions]):
    id = "postcards"
    options = PostcardOptions
    branches = (Branch("postcards", _HERE / "migrations", ("postcards_0001",), (postcards,)),)
    cookies = ("last_postcard",)

    def list_user_fields(self, options: PostcardOptions) -> tuple[AdditionalField, ...]:
        return (AdditionalField(name="motto", type="string", required=False),)

    def list_session_fields(self, options: PostcardOptions) -> tuple[AdditionalField, ...]:
        return (
            AdditionalField(
                name="mood", type="string", required=False, default_value="calm", input=False
            ),
        )

    def list_mails(self, options: PostcardOptions) -> tuple[MailTemplate, ...]:
        return (MailTemplate("postcard", _HERE / "templates", _PLACEHOLDERS, "text"),)

    def build(self, services: Services) -> BuiltPlugin:
        own = Postcards(services, self.get_options(services.settings))
        return BuiltPlugin(
            routes=own.routes(),
            more_refusals={
                "POST /sign-up/email": [MottoTooLong],
                "POST /update-user": [MottoTooLong],
            },
            hooks=Hooks(
                before_user_created=[own.check_new],
                before_user_updated=[own.check_change],
                before_session_created=[own.set_mood],
                user_created=[own.greet],
                after_user_created=[own.tell],
            ),
        )


PLUGIN: Final = PostcardsPlugin()
