"""The guard on a real Litestar application, called with raw requests."""

import threading
from typing import Any

import pytest
from litestar import Litestar, Request, Router, get, post
from litestar.openapi.spec import SecurityScheme
from litestar.params import JSONBody
from msgspec import Struct

from app.bridge import InvalidToken, Presented, User, Verifier, litestar_docs
from app.bridge.litestar import (
    EXCEPTION_HANDLERS,
    BridgePlugin,
    CurrentUser,
    provide_user,
    requires_user,
)
from app.bridge.litestar_docs import build_padlock
from tests.support.asgi import Answer, call

from .minting import SECRET, good_claims, mint

pytestmark = pytest.mark.anyio


class Note(Struct):
    text: str


@get(["/me", "/users/{user_id:str}/me"])
async def me(request: Request[User, Any, Any]) -> str:
    return request.user.id


@post("/users/{user_id:str}/notes")
async def write(data: JSONBody[Note]) -> str:
    return data.text


@get(["/name", "/users/{user_id:str}/name"], dependencies={"user": provide_user(Verifier(SECRET))})
async def name(user: CurrentUser) -> str | None:
    return user.name


UNGUARDED = Litestar([name], exception_handlers=EXCEPTION_HANDLERS, openapi_config=None)
APP = Litestar(
    [me, write, name],
    guards=[requires_user(Verifier(SECRET))],
    exception_handlers=EXCEPTION_HANDLERS,
    openapi_config=None,
)


async def ask(target: str, *authorization: str) -> Answer:
    return await call(APP, "GET", target, [("authorization", value) for value in authorization])


async def test_verified_user_is_at_the_request() -> None:
    answer = await ask("/me", f"Bearer {mint()}")
    assert (answer.status, answer.body) == (200, b"user-1")


async def test_no_token() -> None:
    answer = await ask("/me")
    assert answer.status == 401
    assert answer.header_list("www-authenticate") == ["Bearer"]
    assert answer.json() == {
        "code": "UNAUTHORIZED",
        "message": "Send an access token: Authorization: Bearer <token>",
        "detail": "Send an access token: Authorization: Bearer <token>",
    }


async def test_bad_token_says_why_in_header_and_body() -> None:
    answer = await ask("/me", f"Bearer {mint(good_claims(exp=1))}")
    assert answer.status == 401
    assert answer.header_list("www-authenticate") == [
        'Bearer error="invalid_token", error_description="token expired"'
    ]
    assert answer.json() == {
        "code": "INVALID_TOKEN",
        "message": "The access token is not valid",
        "detail": "token expired",
    }


async def test_two_authorization_headers() -> None:
    answer = await ask("/me", f"Bearer {mint()}", f"Bearer {mint()}")
    assert (answer.status, answer.json()["detail"]) == (401, "more than one Authorization header")


@pytest.mark.parametrize("query", ["access_token", "token", "authorization"])
async def test_token_in_the_query_is_never_read(query: str) -> None:
    answer = await ask(f"/me?{query}={mint()}")
    assert (answer.status, answer.header("www-authenticate")) == (401, "Bearer")


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer \xff\xfe", "\x00", "Bearer a b c", "é" * 9000]
)
async def test_garbage_header_is_401(value: str) -> None:
    assert (await ask("/me", value)).status == 401


async def test_token_in_a_cookie_is_never_read() -> None:
    answer = await call(APP, "GET", "/me", [("cookie", f"authorization=Bearer {mint()}")])
    assert answer.status == 401


async def test_own_path() -> None:
    assert (await ask("/users/user-1/me", f"Bearer {mint()}")).status == 200


@pytest.mark.parametrize(
    "path", ["user-2", "USER-1", "user-1%20", "user-1%00", "user-11", "%2e%2e"]
)
async def test_path_of_somebody_else(path: str) -> None:
    answer = await ask(f"/users/{path}/me", f"Bearer {mint()}")
    assert (answer.status, answer.json()["code"]) == (403, "FORBIDDEN")
    assert answer.header("www-authenticate") is None


async def test_percent_encoded_path_is_compared_decoded() -> None:
    assert (await ask("/users/%75ser-1/me", f"Bearer {mint()}")).status == 200


@pytest.mark.parametrize(
    ("signed", "path", "status"),
    [(False, "user-1", 401), (True, "user-2", 403), (True, "user-1", 400)],
)
async def test_caller_is_judged_before_the_body(signed: bool, path: str, status: int) -> None:
    headers = [("authorization", f"Bearer {mint()}")] if signed else []
    answer = await call(APP, "POST", f"/users/{path}/notes", headers, b'{"text":1}')
    assert answer.status == status


@pytest.mark.parametrize("app", [APP, UNGUARDED])
@pytest.mark.parametrize(
    ("path", "signed", "status"),
    [
        ("/name", True, 200),
        ("/users/user-1/name", True, 200),
        ("/users/user-2/name", True, 403),
        ("/name", False, 401),
    ],
)
async def test_dependency_refuses_what_the_guard_refuses(
    app: Litestar, path: str, signed: bool, status: int
) -> None:
    token = mint() if signed else "x"
    answer = await call(app, "GET", path, [("authorization", f"Bearer {token}")])
    assert answer.status == status
    assert status != 200 or answer.body == b"Ann"


class Nobody:
    """An authenticator that knows only sessions, of which none is left."""

    async def authenticate(self, presented: Presented) -> User:
        raise InvalidToken("the session of the token has ended or expired")


@get("/name", dependencies={"user": provide_user(Nobody())})
async def name_while_signed_in(user: CurrentUser) -> str | None:
    return user.name


async def test_dependency_asks_whom_it_was_given_though_a_guard_asked_another() -> None:
    app = Litestar(
        [name_while_signed_in],
        guards=[requires_user(Verifier(SECRET))],
        exception_handlers=EXCEPTION_HANDLERS,
    )
    answer = await call(app, "GET", "/name", [("authorization", f"Bearer {mint()}")])
    assert (answer.status, answer.json()["code"]) == (401, "INVALID_TOKEN")


class Counting:
    def __init__(self) -> None:
        self.asked = 0

    async def authenticate(self, presented: Presented) -> User:
        self.asked += 1
        return await Verifier(SECRET).authenticate(presented)


async def test_dependency_does_not_ask_again_whom_the_guard_asked() -> None:
    authenticator = Counting()

    @get("/name", dependencies={"user": provide_user(authenticator)})
    async def named(user: CurrentUser) -> str | None:
        return user.name

    app = Litestar([named], guards=[requires_user(authenticator)])
    answer = await call(app, "GET", "/name", [("authorization", f"Bearer {mint()}")])
    assert (answer.status, authenticator.asked) == (200, 1)


class Keyed:
    """An authenticator that can't be copied, as one that holds keys or connections can't."""

    def __init__(self) -> None:
        self._keys = threading.Lock()

    async def authenticate(self, presented: Presented) -> User:
        return await Verifier(SECRET).authenticate(presented)


async def test_authenticator_need_not_be_copied() -> None:
    router = Router("/", route_handlers=[own], guards=[requires_user(Keyed())])
    answer = await call(Litestar([router]), "GET", "/me", [("authorization", f"Bearer {mint()}")])
    assert (answer.status, answer.body) == (200, b"user-1")


@get("/open")
async def open_to_all() -> None:
    return None


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/name", {"200", "401", "503"}),
        ("/me", {"200", "401", "503"}),
        ("/users/{user_id}", {"200", "401", "403", "503"}),
        ("/open", {"200"}),
    ],
)
async def test_plugin_says_in_the_docs_what_guarded_routes_answer(
    path: str, statuses: set[str]
) -> None:
    operation = documented()["paths"][path]["get"]
    assert set(operation["responses"]) - {"400"} == statuses
    assert ("security" in operation) == ("401" in statuses)


async def test_plugin_draws_the_padlock() -> None:
    (scheme,) = documented()["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


def test_padlock_is_the_cookie_where_cookies_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litestar_docs, "find_cookie_name", lambda: "better-auth.session_token")
    (scheme,) = (build_padlock().security_schemes or {}).values()
    assert isinstance(scheme, SecurityScheme)
    assert (scheme.type, scheme.name) == ("apiKey", "better-auth.session_token")
    assert scheme.security_scheme_in == "cookie"


async def test_application_without_documentation_has_no_padlock() -> None:
    app = Litestar([own], plugins=[BridgePlugin()], openapi_config=None)
    assert app.openapi_config is None
    answer = await call(app, "GET", "/schema/openapi.json", [])
    assert answer.status == 404


async def test_plugin_answers_refusals() -> None:
    answer = await call(PLUGGED, "GET", "/me", [])
    assert (answer.status, answer.json()["code"]) == (401, "UNAUTHORIZED")


@get("/me")
async def own(request: Request[User, Any, Any]) -> str:
    return request.user.id


@get("/name", dependencies={"user": provide_user(Verifier(SECRET))})
async def own_name(user: CurrentUser) -> str | None:
    return user.name


@get("/users/{user_id:str}")
async def of_user(request: Request[User, Any, Any]) -> str:
    return request.user.id


PLUGGED = Litestar(
    [
        own_name,
        open_to_all,
        Router("/", route_handlers=[own, of_user], guards=[requires_user(Verifier(SECRET))]),
    ],
    plugins=[BridgePlugin()],
)


def documented() -> dict[str, Any]:
    return PLUGGED.openapi_schema.to_schema()
