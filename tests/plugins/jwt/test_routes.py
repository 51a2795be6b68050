"""/token and /jwks over the whole application."""

import jwt
import pytest
from jose import jwt as jose

from app.plugins.jwt.options import JwtOptions
from app.storage.database import Database
from tests.support.plugins import enabled
from tests.support.service import SECRET, bearer, browser, cookies, from_now, serve
from tests.support.tables import sessions, users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

UNAUTHORIZED = {"message": "Unauthorized", "code": "UNAUTHORIZED"}


async def test_token_is_the_caller_s_by_cookie_and_by_bearer(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    (session,) = await service.rows(sessions)
    for headers in (browser(signed_up), bearer(signed_up.json()["token"])):
        answer = await service.get("/token", headers)
        assert answer.status == 200
        assert list(answer.json()) == ["token"]
        assert answer.header("cache-control") == "no-store"
        for decode in (jwt.decode, jose.decode):
            claims = decode(answer.json()["token"], SECRET, algorithms=["HS256"])
            user = signed_up.json()["user"]
            assert claims["sub"] == claims["user_id"] == user["id"]
            assert claims["sid"] == session["id"]
            assert user.items() <= claims.items()


async def test_no_access_token_holds_the_session_token(database: Database) -> None:
    service = await serve(database, plugins=enabled(JwtOptions(audience=("api",))))
    signed_up = await service.sign_up()
    session_token = signed_up.json()["token"]
    tokens = [
        (await service.get("/token", browser(signed_up))).json()["token"],
        (await service.get("/get-session", browser(signed_up))).header("set-auth-jwt"),
    ]
    for token in tokens:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="api")
        assert session_token not in str(claims)
        assert session_token not in str(jwt.get_unverified_header(token))


async def test_token_of_nobody_is_401_without_cookies(database: Database) -> None:
    service = await serve(database)
    answer = await service.get("/token")
    assert (answer.status, answer.json()) == (401, UNAUTHORIZED)
    assert list(answer.json()) == ["message", "code"]
    assert answer.header_list("set-cookie") == []


async def test_dead_token_is_401_and_taken_back(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(seconds=-1))
    headers = [("cookie", f"{cookies(signed_up)}; better-auth.session_data=x")]
    answer = await service.get("/token", headers)
    assert (answer.status, answer.json()) == (401, UNAUTHORIZED)
    names = [line.partition("=")[0] for line in answer.header_list("set-cookie")]
    assert names == [
        f"better-auth.{name}"
        for name in ("session_token", "session_data", "session_data", "dont_remember")
    ]
    assert await service.rows(sessions) == []


async def test_due_session_is_renewed_and_every_cookie_is_sent(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(days=1))
    headers = [("cookie", f"{cookies(signed_up)}; better-auth.session_data=x")]
    answer = await service.get("/token", headers)
    assert answer.status == 200
    cleared, renewed = answer.header_list("set-cookie")
    assert cleared.startswith("better-auth.session_data=; Max-Age=0;")
    assert [renewed] == signed_up.header_list("set-cookie")
    assert answer.header("set-auth-token") == signed_up.header("set-auth-token")


@pytest.mark.engines("sqlite", "postgres")
async def test_session_deleted_during_its_renewal_is_401_as_any_dead_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(days=1))
    read_stored = database.read_stored

    async def read_then_delete(*arguments: object) -> object:
        row = await read_stored(*arguments)  # type: ignore[arg-type]  # passed on as they came
        await service.execute("DELETE FROM session")
        return row

    monkeypatch.setattr(database, "read_stored", read_then_delete)
    answer = await service.get("/token", browser(signed_up))
    assert (answer.status, answer.json()) == (401, UNAUTHORIZED)
    assert len(answer.header_list("set-cookie")) == 3


async def test_changed_user_is_changed_in_the_next_token(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    await service.alter(users, name="Augusta")
    token = (await service.get("/token", browser(signed_up))).json()["token"]
    assert jwt.decode(token, SECRET, algorithms=["HS256"])["name"] == "Augusta"


@pytest.mark.parametrize("path", ["/token", "/jwks"])
async def test_post_is_a_bare_404(database: Database, path: str) -> None:
    service = await serve(database)
    answer = await service.post(path, {})
    assert (answer.status, answer.body, answer.header("content-type")) == (404, b"", None)


async def test_fresh_key_set_is_empty_and_public(database: Database) -> None:
    service = await serve(database)
    answer = await service.get("/jwks")
    assert (answer.status, answer.body) == (200, b'{"keys":[]}')
    assert answer.header("content-type") == "application/json"
