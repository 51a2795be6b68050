"""Access tokens have the claims and the subject that functions choose, wherever they are issued."""

import base64
import json
from typing import Any

import pytest
from msgspec import Struct

from app import HookRegistry, PendingToken
from app.bridge import Verifier
from app.plugins.jwt.options import JwtOptions
from app.storage.database import Database
from tests.support.asgi import Answer
from tests.support.logged import Lines
from tests.support.plugins import enabled
from tests.support.service import SECRET, Service, browser, serve

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]
_NESTED: dict[str, object] = {}
_NESTED["itself"] = _NESTED


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return found


async def _token(service: Service) -> Answer:
    return await service.get("/token", browser(await service.sign_up()))


@pytest.fixture
def hooks() -> HookRegistry:
    return HookRegistry()


@pytest.mark.parametrize("options", [JwtOptions(), JwtOptions(alg="EdDSA")])
async def test_function_adds_a_claim(
    database: Database, hooks: HookRegistry, options: Struct
) -> None:
    @hooks.token_claims
    async def add_tenant(token: PendingToken) -> dict[str, object]:
        return {**token.claims, "tenant": {"id": 7, "of": token.user.email}}

    service = await serve(database, hooks=hooks, plugins=enabled(options))
    claims = _claims((await _token(service)).json()["token"])
    assert claims["tenant"] == {"id": 7, "of": "ada@example.com"}
    assert claims["email"] == "ada@example.com"


async def test_function_removes_the_claims_that_it_does_not_return(
    database: Database, hooks: HookRegistry
) -> None:
    hooks.token_claims(lambda _: {"tenant": "acme"})
    service = await serve(database, hooks=hooks)
    claims = _claims((await _token(service)).json()["token"])
    assert claims.keys() == {"iat", "tenant", "sub", "user_id", "sid", "exp", "iss"}


async def test_subject_is_what_the_function_returns(
    database: Database, hooks: HookRegistry
) -> None:
    hooks.token_subject(lambda token: f"user:{token.user.email}")
    service = await serve(database, hooks=hooks)
    token = (await _token(service)).json()["token"]
    assert _claims(token)["sub"] == "user:ada@example.com"
    assert Verifier(SECRET).verify(token).id == "user:ada@example.com"


async def test_none_is_the_id_of_the_user(database: Database, hooks: HookRegistry) -> None:
    hooks.token_subject(lambda _: None)
    service = await serve(database, hooks=hooks)
    claims = _claims((await _token(service)).json()["token"])
    assert claims["sub"] == claims["user_id"]


async def test_header_of_the_session_has_the_same_claims(
    database: Database, hooks: HookRegistry
) -> None:
    hooks.token_claims(lambda token: {**token.claims, "session": token.session.id})
    service = await serve(database, hooks=hooks)
    answer = await service.get("/get-session", browser(await service.sign_up()))
    claims = _claims(answer.header("set-auth-jwt") or "")
    assert claims["session"] == claims["sid"]


async def test_each_token_asks_again(database: Database, hooks: HookRegistry) -> None:
    asked: list[int] = []

    @hooks.token_claims
    async def count(token: PendingToken) -> dict[str, object]:
        asked.append(1)
        return {**token.claims, "count": len(asked)}

    service = await serve(database, hooks=hooks)
    ada = browser(await service.sign_up())
    tokens = [(await service.get("/token", ada)).json()["token"] for _ in range(2)]
    assert [_claims(token)["count"] for token in tokens] == [1, 2]


@pytest.mark.parametrize(
    ("returned", "fault"),
    [
        ({"sub": "root"}, "returned the reserved claim sub"),
        ({"exp": 4102444800}, "returned the reserved claim exp"),
        ({"aud": "other"}, "returned the reserved claim aud"),
        ({"sid": "other"}, "returned the reserved claim sid"),
        ({"made": {1, 2}.__iter__()}, "returned claims that are not JSON"),
        (_NESTED, "returned claims that are not JSON"),
        (None, "returned NoneType, not a mapping"),
    ],
)
async def test_what_a_token_must_not_have_fails_the_request(
    database: Database, hooks: HookRegistry, log: Lines, returned: Any, fault: str
) -> None:
    hooks.token_claims(lambda _: returned)
    service = await serve(database, hooks=hooks)
    assert (await _token(service)).status == 500
    (line,) = [each for each in log() if each.get("message") == "hook failed"]
    assert (line["hook"], line["fault"]) == ("token_claims", fault)


async def test_subject_that_is_no_text_fails_the_request(
    database: Database, hooks: HookRegistry
) -> None:
    wrong: Any = lambda _: 7  # noqa: E731
    hooks.token_subject(wrong)
    service = await serve(database, hooks=hooks)
    assert (await _token(service)).status == 500
