"""The places where a plugin may step into a flow, each with its type.

A plugin adds a function to a list of `Hooks`. The code of the flow calls all functions of the list,
in the order of the plugins in `server/plugins.py`. An empty list costs nothing.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import fields
from sqlalchemy.ext.asyncio import AsyncConnection

from ..models.records import Session, User
from ..web.http.asgi import Header
from ..web.http.headers import Headers
from ..web.request_context import RequestContext

Values = Mapping[str, object]  # of a record's fields, by attribute


class PendingUser(Struct, frozen=True):
    """A user that is about to be made: core fields and additional ones.

    `request` is None where no request asks for it.
    """

    values: Values
    request: RequestContext | None = None


class UserChange(Struct, frozen=True):
    """A user as it is, and the fields that are about to change."""

    user: User
    values: Values


class PendingSession(Struct, frozen=True):
    """Whose session is about to be made.

    `replaces`: in place of the session that the user has, such as after a change of password.
    """

    user: User
    now: datetime
    replaces: bool = False


class PasswordSignIn(Struct, frozen=True):
    """Somebody who has just given the right password; no session exists yet."""

    user: User
    request: RequestContext
    remember: bool
    now: datetime


class Challenge(Struct, frozen=True):
    """The answer in place of a session: a JSON value and headers."""

    body: object
    headers: Sequence[Header] = ()


class Passed(Struct, frozen=True):
    """No second factor is needed; `headers` go with the answer."""

    headers: Sequence[Header] = ()


class IssuedSession(Struct, frozen=True):
    """A session whose cookies an answer sets, for a new session or once more for an old one.

    `path` is the endpoint that made the session, such as `/sign-in/email`; None for an old one.
    """

    session: Session
    user: User
    headers: Headers
    path: str | None
    now: datetime


# The values that a hook returns replace those of the record.
# Every hook that runs before something may raise a `Refusal`, and nothing is written then.
BeforeUserCreated = Callable[[PendingUser], Awaitable[Values]]
BeforeUserUpdated = Callable[[UserChange], Awaitable[Values]]
# In the transaction that makes the user. What it writes with another connection stays, even
# where the transaction fails. It runs for the user who is made up where an address is taken, too,
# and is rolled back then: so the response and its time are those of a free address.
UserCreated = Callable[[User, AsyncConnection], Awaitable[None]]
# After the commit and after the response, whose time must not tell that the user is new. What it
# raises is logged and refuses nothing.
AfterUserCreated = Callable[[User, RequestContext | None], Awaitable[None]]
BeforeSessionCreated = Callable[[PendingSession], Awaitable[Values]]
SecondFactor = Callable[[PasswordSignIn], Awaitable[Challenge | Passed]]
# A session token from another place than the cookie. It is used first.
FindToken = Callable[[Headers], str | None]
SelectSessions = Callable[[Sequence[Session]], Sequence[Session]]
# More headers for an answer that sets the session cookie, that has the current session, or that
# takes the session cookie away. `SessionIssued` must not refuse: the session is stored, and stays.
# What `SignedOut` raises is logged: the session is over, and its cookies are cleared.
SessionIssued = Callable[[IssuedSession], Awaitable[Sequence[Header]]]
SessionRead = Callable[[User, Session, datetime], Awaitable[Sequence[Header]]]
SignedOut = Callable[[Headers], Awaitable[Sequence[Header]]]

# Sends something else to an address that is to be verified, in place of the link. It returns
# before anything is sent, so that the time of a response says nothing.
SendVerification = Callable[[User, datetime], None]


class Hooks(Struct, frozen=True):
    """All places. Each list is empty until a plugin adds to it."""

    before_user_created: list[BeforeUserCreated] = field(default_factory=list)
    before_user_updated: list[BeforeUserUpdated] = field(default_factory=list)
    user_created: list[UserCreated] = field(default_factory=list)
    after_user_created: list[AfterUserCreated] = field(default_factory=list)
    before_session_created: list[BeforeSessionCreated] = field(default_factory=list)
    second_factors: list[SecondFactor] = field(default_factory=list)
    find_token: list[FindToken] = field(default_factory=list)
    listed_sessions: list[SelectSessions] = field(default_factory=list)
    session_issued: list[SessionIssued] = field(default_factory=list)
    session_read: list[SessionRead] = field(default_factory=list)
    signed_out: list[SignedOut] = field(default_factory=list)
    send_verification: list[SendVerification] = field(default_factory=list)

    def extend(self, more: "Hooks") -> None:
        """Adds the hooks of a plugin after those that are here."""
        for each in fields(Hooks):
            getattr(self, each.name).extend(getattr(more, each.name))
