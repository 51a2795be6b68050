"""The places where a plugin may step into a flow, each with its type.

A plugin adds a function to a list of `Hooks`. The code of the flow calls all functions of the list,
in the order of the plugins in the settings. An empty list costs nothing.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field
from sqlalchemy.ext.asyncio import AsyncConnection

from ..mail.mailer import Message
from ..models.records import Session, User
from ..storage.steps import Check
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

    @property
    def email(self) -> str:
        """The address, in lower case."""
        return str(self.values["email"])

    @property
    def name(self) -> str:
        """The name, which may be empty."""
        return str(self.values["name"])


class UserChange(Struct, frozen=True):
    """A user as it is, and the fields that are about to change."""

    user: User
    values: Values


class UpdatedUser(Struct, frozen=True):
    """A user after a change, and the fields that changed, by attribute."""

    user: User
    values: Values


class UserBan(Struct, frozen=True):
    """Whom an administrator banned or an operator disabled, why, and until when (ISO 8601)."""

    user: User
    reason: str | None = None
    expires_at: str | None = None


class PendingSession(Struct, frozen=True):
    """Whose session is about to be made.

    `replaces`: in place of the session that the user has, such as after a change of password.
    """

    user: User
    now: datetime
    replaces: bool = False


class PendingToken(Struct, frozen=True):
    """An access token that is about to be signed, with the claims about its user."""

    user: User
    session: Session
    claims: Mapping[str, object]


class PasswordSignIn(Struct, frozen=True):
    """Somebody who has just given the right password; no session exists yet.

    `hashed` is the hash that was checked. A challenge that outlives its request is tied to it,
    because a password that was changed since earns no session.
    """

    user: User
    hashed: str
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


# Raises a refusal for somebody who must not become a user. It runs before `BeforeUserCreated`.
ValidateUserInfo = Callable[[PendingUser], Awaitable[None]]
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
# In the transaction of the change, after it; what it raises undoes the change.
UserUpdated = Callable[[UpdatedUser, AsyncConnection], Awaitable[None]]
BeforeUserDeleted = Callable[[User], Awaitable[None]]
# In the transaction that deletes the user, after the row is gone. Where sessions are outside of the
# database it also runs in a trial that is rolled back.
UserDeleted = Callable[[User, AsyncConnection], Awaitable[None]]
UserBanned = Callable[[UserBan, AsyncConnection], Awaitable[None]]
UserUnbanned = Callable[[User, AsyncConnection], Awaitable[None]]
# In the transaction that stores the new hash of the user with this id.
PasswordChanged = Callable[[str, AsyncConnection], Awaitable[None]]
# Around the proof of an address, and after a reset of the password: awaited before the response.
BeforeEmailVerified = Callable[[User], Awaitable[None]]
AfterEmailVerified = Callable[[User], Awaitable[None]]
OnPasswordReset = Callable[[User], Awaitable[None]]
# After the response to a sign-up with an address that somebody has.
OnExistingUserSignUp = Callable[[User], Awaitable[None]]
BeforeSessionCreated = Callable[[PendingSession], Awaitable[Values]]
# Checks of the transaction that stores the session, before everything else in it.
SessionChecks = Callable[[Session, User], Sequence[Check]]
# In the transaction that stores the session, before it is stored. What has changed since
# `BeforeSessionCreated` is judged here, so that no race decides: lock what must stay. A session of
# secondary storage is there already, and is withdrawn if it raises.
SessionAdded = Callable[[Session, User, AsyncConnection], Awaitable[None]]
# In the transaction that stores the session, after it is stored.
SessionCreated = Callable[[Session, User, AsyncConnection], Awaitable[None]]
# Before a session ends, other than by its age.
BeforeSessionDeleted = Callable[[Session], Awaitable[None]]
# In the transaction that ends the session; where sessions are outside of the database, in one of
# its own, right after.
SessionDeleted = Callable[[Session, AsyncConnection], Awaitable[None]]
SecondFactor = Callable[[PasswordSignIn], Awaitable[Challenge | Passed]]
# Before a challenge goes out in place of a session.
ChallengeFound = Callable[[PasswordSignIn], Awaitable[None]]
# More headers for a challenge. It must not refuse: the challenge stands.
Challenged = Callable[[PasswordSignIn], Awaitable[Sequence[Header]]]
# A session token from another place than the cookie. It is used first.
FindToken = Callable[[Headers], str | None]
SelectSessions = Callable[[Sequence[Session]], Sequence[Session]]
# More headers for an answer that sets the session cookie, that has the current session, or that
# takes the session cookie away. `SessionIssued` must not refuse: the session is stored, and stays.
# What `SignedOut` raises is logged: the session is over, and its cookies are cleared.
SessionIssued = Callable[[IssuedSession], Awaitable[Sequence[Header]]]
SessionRead = Callable[[User, Session, datetime], Awaitable[Sequence[Header]]]
SignedOut = Callable[[Headers], Awaitable[Sequence[Header]]]

# The claims in place of those of `PendingToken`, such as more than those. They have no `RESERVED`
# claim. The subject of the token, None for the id of the user.
TokenClaims = Callable[[PendingToken], Awaitable[Mapping[str, object]]]
TokenSubject = Callable[[PendingToken], Awaitable[str | None]]

# The names, next to the address, by which a user signs in with the password: `Login.account`.
ListLoginNames = Callable[[User], Sequence[str]]

# Refuses a password that is about to be hashed, because a user or an administrator chose it at the
# endpoint with this path.
CheckNewPassword = Callable[[str, str], Awaitable[None]]

# Make and verify hashes in place of ours. A function that does not know a stored hash returns None.
HashPassword = Callable[[str], Awaitable[str]]
VerifyPassword = Callable[[str, str], Awaitable[bool | None]]

# Sends a mail in place of SMTP.
SendMail = Callable[[Message], Awaitable[None]]

# Sends something to an address that is to be verified: `send_verification` in place of the link,
# `send_on_sign_up` after every sign-up with an address that nobody has verified. It returns before
# anything is sent, so that the time of a response says nothing.
SendVerification = Callable[[User, datetime], None]


class Hooks(Struct, frozen=True):
    """All places. Each list is empty until a plugin adds to it."""

    validate_user_info: list[ValidateUserInfo] = field(default_factory=list)
    before_user_created: list[BeforeUserCreated] = field(default_factory=list)
    before_user_updated: list[BeforeUserUpdated] = field(default_factory=list)
    user_created: list[UserCreated] = field(default_factory=list)
    after_user_created: list[AfterUserCreated] = field(default_factory=list)
    user_updated: list[UserUpdated] = field(default_factory=list)
    before_user_deleted: list[BeforeUserDeleted] = field(default_factory=list)
    user_deleted: list[UserDeleted] = field(default_factory=list)
    user_banned: list[UserBanned] = field(default_factory=list)
    user_unbanned: list[UserUnbanned] = field(default_factory=list)
    password_changed: list[PasswordChanged] = field(default_factory=list)
    before_email_verified: list[BeforeEmailVerified] = field(default_factory=list)
    after_email_verified: list[AfterEmailVerified] = field(default_factory=list)
    on_password_reset: list[OnPasswordReset] = field(default_factory=list)
    on_existing_user_sign_up: list[OnExistingUserSignUp] = field(default_factory=list)
    before_session_created: list[BeforeSessionCreated] = field(default_factory=list)
    session_checks: list[SessionChecks] = field(default_factory=list)
    session_added: list[SessionAdded] = field(default_factory=list)
    session_created: list[SessionCreated] = field(default_factory=list)
    before_session_deleted: list[BeforeSessionDeleted] = field(default_factory=list)
    session_deleted: list[SessionDeleted] = field(default_factory=list)
    second_factors: list[SecondFactor] = field(default_factory=list)
    challenge_found: list[ChallengeFound] = field(default_factory=list)
    challenged: list[Challenged] = field(default_factory=list)
    find_token: list[FindToken] = field(default_factory=list)
    listed_sessions: list[SelectSessions] = field(default_factory=list)
    session_issued: list[SessionIssued] = field(default_factory=list)
    session_read: list[SessionRead] = field(default_factory=list)
    signed_out: list[SignedOut] = field(default_factory=list)
    token_claims: list[TokenClaims] = field(default_factory=list)
    token_subject: list[TokenSubject] = field(default_factory=list)
    list_login_names: list[ListLoginNames] = field(default_factory=list)
    check_new_password: list[CheckNewPassword] = field(default_factory=list)
    hash_password: list[HashPassword] = field(default_factory=list)
    verify_password: list[VerifyPassword] = field(default_factory=list)
    send_mail: list[SendMail] = field(default_factory=list)
    send_verification: list[SendVerification] = field(default_factory=list)
    send_on_sign_up: list[SendVerification] = field(default_factory=list)

    def extend(self, more: "Hooks") -> None:
        """Adds the hooks of a plugin after those that are here."""
        for name in self.__struct_fields__:
            getattr(self, name).extend(getattr(more, name))


async def run_user_hooks(hooks: Sequence[Callable[[User], Awaitable[None]]], user: User) -> None:
    """Runs hooks that only get the user. Raises what a hook raises."""
    for hook in hooks:
        await hook(user)


async def run_password_hooks(hooks: Hooks, user_id: str, tx: AsyncConnection) -> None:
    """Runs the hooks of a new password as a step of `tx`. Raises what a hook raises."""
    for hook in hooks.password_changed:
        await hook(user_id, tx)
