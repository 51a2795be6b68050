"""A plugin that asks for more after the password: no session exists before the riddle is solved.

It also judges bans itself, hides sessions, and knows a credential of its own.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from msgspec import Struct

from app.auth.hooks import (
    Challenge,
    Hooks,
    IssuedSession,
    Passed,
    PasswordSignIn,
    PendingSession,
    Values,
)
from app.models.clock import now
from app.models.errors import Refusal
from app.models.identifiers import generate_id
from app.models.records import ADA, Session, User
from app.plugins.plugin import BuiltPlugin, Plugin, Services
from app.settings.cookie_options import CookieAttributes
from app.web.endpoint import ApiRequest, Endpoint
from app.web.http.asgi import Header
from app.web.http.headers import Headers
from app.web.http.response import JsonResponse
from app.web.input.validation import WireBody

_AGE: Final = 600  # seconds


class RiddleOptions(Struct, frozen=True, kw_only=True):
    """The `solution`; nobody named `barred` gets a session.

    With `verifies` an address is verified by a riddle, too, which is mailed in place of the link.
    """

    solution: str = "42"
    barred: str = "Mallory"
    verifies: bool = False


class Barred(Refusal):
    status, code, message = 403, "BARRED", "Not you"


class WrongSolution(Refusal):
    status, code, message = 401, "WRONG_SOLUTION", "Wrong solution"


class Riddle(Struct, frozen=True):
    riddle: str


class SolveBody(WireBody, frozen=True):
    solution: str


class Solved(Struct, frozen=True):
    token: str
    user: User


ASKED: Final = {"Asked": Riddle("What is it?")}
SOLVE = Endpoint(
    "POST /riddle/solve",
    name="solveRiddle",
    tag="Riddle",
    summary="Solve the riddle",
    body=SolveBody,
    body_examples={"A try": {"solution": "42"}},
    responses={"Solved": Solved("t", ADA)},
    refuses=(WrongSolution, Barred),
)


class Riddles:
    """Keeps who has to solve one in a verification value; the cookie names it."""

    def __init__(self, services: Services, options: RiddleOptions) -> None:
        self._services = services
        self._options = options
        self._cookie = services.make_cookie("riddle", CookieAttributes(max_age=_AGE))

    async def ask(self, attempt: PasswordSignIn) -> Challenge | Passed:
        if attempt.user.name == "Wise":
            return Passed([("x-riddle", "passed")])
        identifier, until = f"riddle-{generate_id()}", attempt.now + timedelta(seconds=_AGE)
        await self._services.verifications.put(identifier, attempt.user.id, until, attempt.now)
        return Challenge(Riddle("What is it?"), [self._cookie.give(identifier)])

    async def note_challenge(self, attempt: PasswordSignIn) -> Sequence[Header]:
        return [("x-asked", attempt.request.path)]

    async def solve(self, request: ApiRequest[SolveBody]) -> JsonResponse[Solved]:
        """Start the session that the password has earned; once."""
        identifier = self._cookie.find(request.headers)
        if identifier is None or request.body.solution != self._options.solution:
            raise WrongSolution
        user_id = await self._services.verifications.find(identifier, request.now)
        user = None if user_id is None else await self._services.users.find_by_id(user_id)
        if user is None:
            raise WrongSolution
        sessions, consume = self._services.sessions, self._services.verifications.consume
        starting = sessions.start(user, request.client, now(), remember=True)
        async with starting as session, consume(identifier, request.now) as (tx, whose):
            if whose != user.id:
                raise WrongSolution
            await sessions.add(session, user, tx)
        lines = await self._services.guard.give(session, user, request, remember=True)
        return JsonResponse(Solved(session.token, user), [*lines, self._cookie.expire()])

    async def refuse(self, pending: PendingSession) -> Values:
        if pending.user.name == self._options.barred:
            raise Barred
        return {}

    def find_token(self, headers: Headers) -> str | None:
        return headers.get(b"x-session")

    def hide(self, sessions: Sequence[Session]) -> Sequence[Session]:
        return [each for each in sessions if each.user_agent != "hidden"]

    def mail(self, user: User, _now: object) -> None:
        emails = self._services.auth_emails
        assert emails is not None
        emails.send("reset-password", user.email, {"url": "riddle:", "lifetime": "1 day"}, user)

    async def note_issued(self, issued: IssuedSession) -> Sequence[Header]:
        return [("x-issued", issued.path or "again")]

    async def note_read(self, user: User, session: Session, _now: object) -> Sequence[Header]:
        return [("x-read", f"{user.name} {session.id}")]

    async def note_signed_out(self, _headers: Headers) -> Sequence[Header]:
        return [("x-signed-out", "1")]


class RiddlePlugin(Plugin[RiddleOptions]):
    id = "riddle"
    options = RiddleOptions
    cookies = ("riddle",)
    lifts = frozenset({"banned"})

    def build(self, services: Services) -> BuiltPlugin:
        options = self.get_options(services.settings)
        own = Riddles(services, options)
        return BuiltPlugin(
            routes=[SOLVE.with_handler(own.solve)],
            more_responses={"POST /sign-in/email": ASKED},
            more_refusals={"POST /sign-in/email": [Barred]},
            hooks=Hooks(
                second_factors=[own.ask],
                challenged=[own.note_challenge],
                before_session_created=[own.refuse],
                find_token=[own.find_token],
                listed_sessions=[own.hide],
                session_issued=[own.note_issued],
                session_read=[own.note_read],
                signed_out=[own.note_signed_out],
                send_verification=[own.mail] if options.verifies else [],
            ),
        )


PLUGIN: Final = RiddlePlugin()
