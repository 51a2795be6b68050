"""What an endpoint's declaration brings about, whatever its handler does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from msgspec import UNSET, UnsetType, field

from app.models.additional_fields import Json
from app.models.errors import (
    CrossSiteNavigationLoginBlocked,
    InvalidCallbackUrl,
    MissingOrNullOrigin,
    Refusal,
    StoreUnavailable,
    TooManyRequests,
    Unauthorized,
)
from app.models.records import Client
from app.web.endpoint import ApiRequest, Caller, Endpoint, Route
from app.web.http.asgi import Header, Scope
from app.web.http.headers import Headers
from app.web.http.response import JsonResponse, Response
from app.web.input.parsed_body import ParsedBody
from app.web.input.validation import WireBody, WireQuery
from app.web.origins.trusted_origins import TrustedOrigins
from app.web.request_context import RequestContext, set_request_context

pytestmark = pytest.mark.anyio

OWED: list[Header] = [("set-cookie", "renewed=1")]
OWN: list[Header] = [("set-cookie", "own=1")]
MISMATCH = "Invalid input: expected string, received undefined"
Request = ApiRequest[Any, Any, Any]


class Body(WireBody, frozen=True):
    text: str


class Query(WireQuery, frozen=True):
    callback_url: str | UnsetType = field(default=UNSET, name="callbackURL")


class Nobody(Refusal):
    status, code, message = 404, "NOBODY", "Nobody is here"


class FakeGuard:
    """Knows the caller `who`, and remembers what it was asked."""

    def __init__(self, who: str | None) -> None:
        self.who = who
        self.asked: list[tuple[Caller, bool, bool]] = []

    async def identify(
        self, caller: Caller, headers: Headers, now: datetime, *, refresh: bool, cache: bool
    ) -> tuple[object | None, Sequence[Header]]:
        assert headers.get(b"cookie") is None
        assert now.tzinfo is not None
        self.asked.append((caller, refresh, cache))
        return self.who, OWED


def scope_of(
    value: Json | UnsetType = UNSET, *headers: tuple[bytes, bytes], query: bytes = b""
) -> Scope:
    """A request that the front controller let through."""
    scope: Scope = {"type": "http", "method": "POST", "query_string": query}
    client, trusted = Client("", ""), TrustedOrigins(["http://localhost:3000"])
    known = Headers(headers)
    set_request_context(scope, RequestContext("/x", client, known, ParsedBody(value), trusted))
    return scope


async def tell(request: Request) -> Response[object]:
    """Answers with what it was given."""
    given = {name: getattr(request, name, None) for name in ("body", "query", "caller")}
    return JsonResponse({name: value for name, value in given.items() if value is not None})


async def told(route: Route, scope: Scope) -> tuple[int, str]:
    response = await route.respond(scope)
    return response.status, response.body.decode()


def refuse_before() -> None:
    raise Nobody


async def test_body_is_read_before_the_query_and_the_query_before_who_calls() -> None:
    guard = FakeGuard(None)
    declared = Endpoint("POST /x", body=Body, query=Query, caller=Caller.STORED)
    route = declared.with_handler(tell, guard)
    twice = b"callbackURL=/a&callbackURL=/b"
    status, body = await told(route, scope_of(query=twice))
    assert status == 400
    assert "[body] Invalid input: expected object, received undefined" in body
    status, body = await told(route, scope_of({}, query=twice))
    assert f"[body.text] {MISMATCH}" in body
    status, body = await told(route, scope_of({"text": "a"}, query=twice))
    assert "[query.callbackURL] Invalid input: expected string, received array" in body
    assert guard.asked == []
    assert (await told(route, scope_of({"text": "a"})))[0] == 401
    guard.who = "ada"
    assert await told(route, scope_of({"text": "a"}, query=b"callbackURL=/a")) == (
        200,
        '{"body":{"text":"a"},"query":{"callbackURL":"/a"},"caller":"ada"}',
    )


async def test_checks_of_others_come_before_all_that_the_endpoint_asks() -> None:
    guard = FakeGuard(None)
    asked: list[str] = []

    async def check(request: Request) -> None:
        asked.append("checked")
        if request.read_fields(["refused"]):
            raise Nobody

    declared = Endpoint("POST /x", body=Body, caller=Caller.STORED)
    route = declared.with_handler(tell, guard).with_more(
        refusals=[Nobody], checks=[check], body_examples={"A": {"text": "a"}}
    )
    assert Nobody in route.endpoint.refuses
    assert route.endpoint.body_examples == {"A": {"text": "a"}}
    assert (await told(route, scope_of({"refused": 1})))[0] == 404
    assert (await told(route, scope_of({})))[0] == 400
    assert (await told(route.with_more(), scope_of({"text": "a"})))[0] == 401
    assert asked == ["checked"] * 3


async def test_body_that_may_be_left_out_is_empty_then_but_null_is_none() -> None:
    class Anything(WireBody, frozen=True):
        text: str = "nothing"

    route = Endpoint("POST /x", body=Anything, is_body_optional=True).with_handler(tell)
    assert await told(route, scope_of()) == (200, '{"body":{"text":"nothing"}}')
    assert (await told(route, scope_of(None)))[0] == 400


async def test_foreign_login_is_refused_once_the_body_is_good() -> None:
    route = Endpoint("POST /x", body=Body, refuses_foreign_logins=True).with_handler(tell)
    crossing = [(b"sec-fetch-site", b"cross-site"), (b"sec-fetch-mode", b"navigate")]
    assert (await told(route, scope_of({}, *crossing)))[0] == 400
    for headers, refusal in (
        (crossing, CrossSiteNavigationLoginBlocked),
        ([(b"sec-fetch-mode", b"cors")], MissingOrNullOrigin),
    ):
        status, body = await told(route, scope_of({"text": "a"}, *headers))
        assert (status, str(refusal.code) in body) == (403, True)
    assert (await told(route, scope_of({"text": "a"})))[0] == 200


async def test_callback_url_of_a_query_must_be_trusted_before_the_caller_is_asked_for() -> None:
    guard = FakeGuard("ada")
    declared = Endpoint("GET /x", query=Query, checks_callback_url=True, caller=Caller.STORED)
    route = declared.with_handler(tell, guard)
    status, body = await told(route, scope_of(query=b"callbackURL=//evil.example"))
    assert (status, str(InvalidCallbackUrl.code) in body) == (403, True)
    assert guard.asked == []
    assert (await told(route, scope_of()))[0] == 200


async def test_what_runs_before_comes_after_the_checks_and_before_the_guard() -> None:
    guard = FakeGuard("ada")
    declared = Endpoint("POST /x", body=Body, caller=Caller.OPTIONAL)
    route = declared.with_handler(tell, guard, before=refuse_before)
    assert (await told(route, scope_of({})))[0] == 400
    assert (await told(route, scope_of({"text": "a"})))[0] == 404
    assert guard.asked == []


@pytest.mark.parametrize(
    ("caller", "status"),
    [(Caller.OPTIONAL, 200), (Caller.SESSION, 401), (Caller.STORED, 401), (Caller.FRESH, 401)],
)
async def test_only_an_endpoint_for_anybody_answers_nobody(caller: Caller, status: int) -> None:
    route = Endpoint("GET /x", caller=caller).with_handler(tell, FakeGuard(None))
    response = await route.respond(scope_of())
    assert response.status == status
    assert response.headers == OWED


async def test_refusal_of_nobody_is_the_endpoint_s() -> None:
    declared = Endpoint("GET /x", caller=Caller.SESSION, unauthorized=Nobody)
    route = declared.with_handler(tell, FakeGuard(None))
    assert (await told(route, scope_of()))[0] == 404


@pytest.mark.parametrize(
    ("query", "refresh", "cache"),
    [
        (b"", True, True),
        (b"disableRefresh=&disableCookieCache=", True, True),
        (b"disableRefresh=false", False, True),
        (b"disableCookieCache=1", True, False),
        (b"disableRefresh=&disableRefresh=&disableCookieCache=0", False, False),
    ],
)
async def test_switches_of_the_query_reach_the_guard(
    query: bytes, refresh: bool, cache: bool
) -> None:
    guard = FakeGuard("ada")
    route = Endpoint("GET /x", caller=Caller.FRESH).with_handler(tell, guard)
    await route.respond(scope_of(query=query))
    assert guard.asked == [(Caller.FRESH, refresh, cache)]


async def test_query_of_another_shape_has_no_switches() -> None:
    """The original drops what the schema of the query does not name."""
    guard = FakeGuard("ada")
    route = Endpoint("GET /x", query=Query, caller=Caller.STORED).with_handler(tell, guard)
    await route.respond(scope_of(query=b"disableRefresh=1"))
    assert guard.asked == [(Caller.STORED, True, True)]
    assert route.endpoint.switches == ()


@pytest.mark.parametrize(
    ("caller", "switches"),
    [
        (Caller.NOBODY, []),
        (Caller.HANDLER, []),
        (Caller.STORED, ["disableRefresh"]),
        (Caller.SESSION, ["disableRefresh", "disableCookieCache"]),
    ],
)
def test_switches_go_by_who_is_asked_for(caller: Caller, switches: list[str]) -> None:
    assert [*Endpoint("GET /x", caller=caller).switches] == switches


@pytest.mark.parametrize("refusal", [TooManyRequests, StoreUnavailable, Unauthorized])
async def test_headers_of_the_caller_go_with_every_refusal_before_its_own(
    refusal: type[Refusal],
) -> None:
    """Also with a 503: the session was renewed, so the browser has to hear of it."""

    async def refuse(_request: Request) -> Response[object]:
        raise refusal(OWN)

    route = Endpoint("GET /x", caller=Caller.STORED).with_handler(refuse, FakeGuard("ada"))
    response = await route.respond(scope_of())
    assert (response.status, response.headers) == (refusal.status, [*OWED, *OWN])


async def test_refusal_that_many_share_is_left_as_it_was() -> None:
    shared = StoreUnavailable(OWN)

    async def refuse(_request: Request) -> Response[object]:
        raise shared

    route = Endpoint("GET /x", caller=Caller.STORED).with_handler(refuse, FakeGuard("ada"))
    for _ in range(2):
        assert (await route.respond(scope_of())).headers == [*OWED, *OWN]
    assert shared.headers == OWN


async def test_handler_may_put_other_headers_in_the_place_of_the_caller_s() -> None:
    async def end(request: Request) -> Response[object]:
        request.caller_headers = OWN
        return JsonResponse(None, [("x", "y")])

    route = Endpoint("GET /x", caller=Caller.STORED).with_handler(end, FakeGuard("ada"))
    assert (await route.respond(scope_of())).headers == [*OWN, ("x", "y")]


async def test_fault_of_ours_is_left_to_the_request_log() -> None:
    async def fail(_request: Request) -> Response[object]:
        raise LookupError

    with pytest.raises(LookupError):
        await Endpoint("GET /x").with_handler(fail).respond(scope_of())


@pytest.mark.parametrize(
    ("declared", "guard", "message"),
    [
        (Endpoint("GET /x", caller=Caller.SESSION), None, "give a guard"),
        (Endpoint("GET /x"), FakeGuard("ada"), "give a guard"),
        (Endpoint("GET /x", body=Body), None, "a GET has no body"),
        (Endpoint("GET /x", checks_callback_url=True), None, "no callback_url"),
    ],
)
def test_declaration_that_contradicts_itself_is_no_route(
    declared: Endpoint[Any, Any, Any], guard: FakeGuard | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        declared.with_handler(tell, guard)
