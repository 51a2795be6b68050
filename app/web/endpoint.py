"""One declaration for each endpoint.

The front controller reads the path and what the body may be, the rate limiter its rule, and the
OpenAPI document all of it. A `Route` is an endpoint with its handler.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any, Final, Generic, Protocol

from msgspec import UNSET
from typing_extensions import TypeVar

from ..models.additional_fields import Json
from ..models.clock import now as clock
from ..models.errors import Refusal, Unauthorized
from ..models.records import Client
from .http.asgi import Header, Scope
from .http.headers import Headers
from .http.refusals import render_refusal
from .http.response import Response
from .input.query import parse_query
from .input.validation import WireBody, WireQuery
from .origins.callback_url import check_callback_url
from .origins.csrf import refuse_login_csrf
from .rate_rule import Rule
from .request_context import RequestContext, get_request_context

A = TypeVar("A", default=object)  # what a success answers
B = TypeVar("B", bound=WireBody | None, default=None)
Q = TypeVar("Q", bound=WireQuery | None, default=None)
S = TypeVar("S", default=None)  # the session of the caller

SET_COOKIE: Final = "The session cookie; without a value if it expires now."
COOKIES: Final[Mapping[str, str]] = {
    "Set-Cookie": SET_COOKIE,
    "set-auth-token": "The signed session token, for clients that keep no cookies.",
}
_NOTHING: Final[Mapping[str, object]] = {}
SWITCHES: Final = ("disableRefresh", "disableCookieCache")


class Caller(Enum):
    """Who may call an endpoint. The names of Better Auth 1.7.25 are in parentheses."""

    NOBODY = "nobody"  # anyone; the guard is not asked
    HANDLER = "handler"  # anyone; the handler itself asks the guard
    OPTIONAL = "optional"  # anyone; `request.caller` is None if nobody is signed in
    SESSION = "session"  # a signed-in user; the store is always read (`sessionMiddleware`)
    # As SESSION, but ignores the cookie cache and writes it again (`sensitiveSessionMiddleware`).
    STORED = "stored"
    # As SESSION, but the session began within `session.freshAge` (`freshSessionMiddleware`).
    FRESH = "fresh"


_IDENTIFIED: Final = frozenset({Caller.OPTIONAL, Caller.SESSION, Caller.STORED, Caller.FRESH})


class CallerGuard(Protocol):
    """Finds the caller of a request."""

    async def identify(
        self, caller: Caller, headers: Headers, now: datetime, *, refresh: bool, cache: bool
    ) -> tuple[object | None, Sequence[Header]]:
        """Returns the session, or None, and the headers of every response to this caller.

        Raises SessionNotFresh and StoreUnavailable.
        """
        ...


class ApiRequest(Generic[B, S, Q]):
    """A request, read and checked as its endpoint declares.

    `caller_headers` are sent with every response, also a refusal. A handler may replace them.
    """

    __slots__ = ("body", "caller", "caller_headers", "context", "now", "query", "scope")

    body: B
    query: Q
    caller: S

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.context: RequestContext = get_request_context(scope)
        self.now = clock()
        self.caller_headers: Sequence[Header] = ()

    @property
    def client(self) -> Client:
        """Address and user agent."""
        return self.context.client

    @property
    def headers(self) -> Headers:
        """The request headers."""
        return self.context.headers

    def read_fields(self, names: Iterable[str]) -> dict[str, Json]:
        """Returns these fields of the body, complete. Raises MalformedJson."""
        return self.context.body.read_fields(names)

    def parse_query(self) -> dict[str, Json]:
        """Returns the query as the original parses it."""
        return parse_query(self.scope["query_string"]) if self.scope["query_string"] else {}

    def get_parameter(self) -> str:
        """Returns the parameter at the end of the path, still percent-encoded."""
        return self.context.path.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True, eq=False)
class Endpoint(Generic[A, B, Q]):
    """The declaration of an endpoint.

    `method_and_path`: a method and path below the base path, such as `GET /reset-password/{token}`.
    `name`: the `operationId`. An endpoint without a name is not in the document.
    `responses`: examples of a success by description. Without examples it never succeeds.
    `refuses`: the refusals that the handler raises, and `SessionNotFresh` for `Caller.FRESH`. The
    others follow from the declaration, such as 401.
    """

    method_and_path: str = field(kw_only=False)
    name: str = ""
    tag: str = ""  # of the document, see `docs.py`
    summary: str = ""
    responses: Mapping[str, A] = field(default_factory=dict)
    refuses: Sequence[type[Refusal]] = ()
    caller: Caller = Caller.NOBODY
    unauthorized: type[Refusal] = Unauthorized  # if nobody is signed in
    body: type[B] | None = None
    body_examples: Mapping[str, object] = field(default_factory=dict)
    is_body_optional: bool = False
    ignores_body: bool = False  # it is not read, so any media type will do
    accepts_form: bool = False
    accepts_nested: bool = False  # objects and lists in the body are parsed, too
    query: type[Q] | None = None
    has_switches: bool = False  # SWITCHES; an endpoint with a guard has them anyway
    parameter: str = ""  # description of the one at the end of the path
    headers: Mapping[str, str] | None = None  # of a success; None: the headers of the caller
    media_type: str = "application/json"
    redirects: bool = False
    refuses_foreign_logins: bool = False  # `validateFormCsrf`, for endpoints that need no cookie
    checks_callback_url: bool = False  # the `callbackURL` of the query is trusted
    # Instead of the rule of `rate_limit.py`. It counts for the path, whatever the method.
    rate_rule: Rule | None = None

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.method_and_path.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path template below the base path."""
        return self.method_and_path.partition(" ")[2]

    @property
    def identifies(self) -> bool:
        """Whether the guard is asked who is calling."""
        return self.caller in _IDENTIFIED

    @property
    def switches(self) -> Sequence[str]:
        """Returns the names of the switches. An endpoint with a `query` has none."""
        if self.has_switches:
            return SWITCHES
        if self.query is not None or not self.identifies:
            return ()
        return SWITCHES[:1] if self.caller is Caller.STORED else SWITCHES

    def with_handler(
        self,
        handler: Callable[[ApiRequest[B, S, Q]], Awaitable[Response[A]]],
        guard: CallerGuard | None = None,
        *,
        before: Callable[[], None] | None = None,
    ) -> "Route":
        """Returns the route of this endpoint.

        `guard` finds the caller. `before` runs before it, and may raise a refusal.
        """
        return Route(self, handler, guard, before)


AnyApiRequest = ApiRequest[Any, Any, Any]
AnyEndpoint = Endpoint[Any, Any, Any]
AnyHandler = Callable[[AnyApiRequest], Awaitable[Response[object]]]
# Judges a request before anything of it is validated, and may raise a refusal.
Check = Callable[[AnyApiRequest], Awaitable[None]]


class Route:
    """An endpoint with its handler."""

    def __init__(
        self,
        endpoint: AnyEndpoint,
        handler: AnyHandler,
        guard: CallerGuard | None = None,
        before: Callable[[], None] | None = None,
        checks: Sequence[Check] = (),
    ) -> None:
        _check_declaration(endpoint, has_guard=guard is not None)
        self.endpoint = endpoint
        self.handler = handler
        self._guard = guard
        self._before = before
        self._checks = checks
        self._has_switches = bool(endpoint.switches)

    def with_more(
        self,
        *,
        responses: Mapping[str, object] = _NOTHING,
        refusals: Sequence[type[Refusal]] = (),
        body_examples: Mapping[str, object] = _NOTHING,
        checks: Sequence[Check] = (),
    ) -> "Route":
        """Returns the route with more examples, refusals and checks."""
        endpoint = replace(
            self.endpoint,
            responses={**self.endpoint.responses, **responses},
            refuses=(*self.endpoint.refuses, *refusals),
            body_examples={**self.endpoint.body_examples, **body_examples},
        )
        all_checks = (*self._checks, *checks)
        return Route(endpoint, self.handler, self._guard, self._before, all_checks)

    async def respond(self, scope: Scope) -> Response[object]:
        """Returns the response to a request that the front controller accepted."""
        request: AnyApiRequest = ApiRequest(scope)
        try:
            response = await self._handle(request)
        except Refusal as refusal:
            response = render_refusal(refusal)
        return response.with_headers(request.caller_headers)

    async def _handle(self, request: AnyApiRequest) -> Response[object]:
        for check in self._checks:
            await check(request)
        self._read(request)
        if self._before is not None:
            self._before()
        if self._guard is not None:
            await self._identify(request, self._guard)
        return await self.handler(request)

    def _read(self, request: AnyApiRequest) -> None:
        """Body before query, shape before origin, as the original judges them."""
        endpoint, context = self.endpoint, request.context
        if endpoint.body is not None:
            value = context.body.value
            is_left_out = value is UNSET and endpoint.is_body_optional
            request.body = endpoint.body.read({} if is_left_out else value)
        if endpoint.query is not None:
            request.query = endpoint.query.read(request.parse_query())
        if endpoint.refuses_foreign_logins:
            refuse_login_csrf(context.headers, context.trusted, context.checks)
        if endpoint.checks_callback_url:
            check_callback_url(request.query.callback_url or "", context.trusted, context.checks)

    async def _identify(self, request: AnyApiRequest, guard: CallerGuard) -> None:
        switches = request.parse_query() if self._has_switches else {}
        caller, headers = await guard.identify(
            self.endpoint.caller,
            request.headers,
            request.now,
            refresh=not switches.get("disableRefresh"),
            cache=not switches.get("disableCookieCache"),
        )
        if caller is None and self.endpoint.caller is not Caller.OPTIONAL:
            raise self.endpoint.unauthorized(headers)
        request.caller, request.caller_headers = caller, headers


def _check_declaration(endpoint: AnyEndpoint, *, has_guard: bool) -> None:
    """Raises ValueError if the declaration contradicts itself."""
    if has_guard != endpoint.identifies:
        raise ValueError(
            f"{endpoint.method_and_path}: give a guard if, and only if, the caller matters"
        )
    if endpoint.method == "GET" and endpoint.body is not None:
        raise ValueError(f"{endpoint.method_and_path}: a GET has no body")
    fields = () if endpoint.query is None else endpoint.query.__struct_fields__
    if endpoint.checks_callback_url and "callback_url" not in fields:
        raise ValueError(f"{endpoint.method_and_path}: the query has no callback_url")
