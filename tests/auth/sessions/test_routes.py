"""/get-session and /sign-out, as a client of the whole application sees them."""

import jwt
import pytest
from sqlalchemy import insert

from app.models.errors import StoreUnavailable
from app.plugins.jwt.options import JwtOptions
from app.settings.options import SessionOptions
from app.storage.database import Database
from tests.support.asgi import Answer, Header
from tests.support.plugins import enabled
from tests.support.service import (
    EMAIL,
    JSON,
    ORIGIN,
    SECRET,
    bearer,
    browser,
    cookies,
    from_now,
    serve,
)
from tests.support.tables import sessions, users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

DAY = 24 * 3600
CLEARED = [
    f"better-auth.{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    for name in ("session_token", "session_data", "dont_remember")
]
SESSION_KEYS = ["expiresAt", "token", "createdAt", "updatedAt", "ipAddress", "userAgent"]
USER_KEYS = ["name", "email", "emailVerified", "image", "createdAt", "updatedAt", "id"]


def assert_nobody(answer: Answer, *, cleared: bool) -> None:
    assert (answer.status, answer.body) == (200, b"null")
    assert answer.header_list("set-cookie") == (CLEARED if cleared else [])
    assert answer.header("set-auth-jwt") is None
    assert_not_stored(answer)


def assert_not_stored(answer: Answer) -> None:
    assert answer.header_list("cache-control") == ["no-store"]
    assert answer.header_list("pragma") == ["no-cache"]


async def test_session_is_answered_with_the_original_s_key_order(database: Database) -> None:
    service = await serve(database)
    answer = await service.get("/get-session", browser(await service.sign_up()))
    assert answer.status == 200
    assert answer.header("content-type") == "application/json"
    assert_not_stored(answer)
    assert list(answer.json()) == ["session", "user"]
    assert list(answer.json()["session"]) == [*SESSION_KEYS, "userId", "id"]
    assert list(answer.json()["user"]) == USER_KEYS
    (session,) = await service.rows(sessions)
    (user,) = await service.rows(users)
    assert answer.json() == {"session": session, "user": user}


async def test_answer_is_compact_json_with_unescaped_text(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up(name="日本 </script> \u2028")
    body = (await service.get("/get-session", browser(signed_up))).body.decode()
    assert '"name":"日本 </script> \u2028"' in body
    assert '": ' not in body


async def test_nobody_gets_null_and_no_cookie(database: Database) -> None:
    service = await serve(database)
    assert_nobody(await service.get("/get-session"), cleared=False)


@pytest.mark.parametrize("value", ["", "x", "a.b", "tampered.AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
async def test_cookie_with_a_bad_signature_is_the_same_as_none(
    database: Database, value: str
) -> None:
    service = await serve(database)
    headers = [("cookie", f"better-auth.session_token={value}")]
    assert_nobody(await service.get("/get-session", headers), cleared=False)


async def test_tampered_token_never_finds_the_session(database: Database) -> None:
    service = await serve(database)
    cookie = cookies(await service.sign_up())
    name, _, value = cookie.partition("=")
    flipped = ("B" if value[0] == "A" else "A") + value[1:]
    headers = [("cookie", f"{name}={flipped}")]
    assert_nobody(await service.get("/get-session", headers), cleared=False)


async def test_signed_token_that_nobody_issued_is_taken_back(database: Database) -> None:
    service = await serve(database)
    assert_nobody(await service.get("/get-session", bearer("unknown")), cleared=True)


async def test_presented_unknown_token_is_never_adopted(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    fixated = "f" * 32
    body = {"email": "ada@example.com", "password": "correct horse"}
    answer = await service.post("/sign-in/email", body, bearer(fixated))
    assert answer.json()["token"] != fixated
    assert_nobody(await service.get("/get-session", bearer(fixated)), cleared=True)


async def test_user_who_is_gone_is_nobody(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    await service.execute('DELETE FROM "user"')
    assert_nobody(await service.get("/get-session", browser(signed_up)), cleared=True)


async def test_expired_session_is_nobody_without_a_jwt_and_its_row_is_deleted(
    database: Database,
) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(milliseconds=-5))
    assert_nobody(await service.get("/get-session", browser(signed_up)), cleared=True)
    assert await service.rows(sessions) == []


@pytest.mark.parametrize("damaged", ["garbage", "", 1795228740, 1795228740000])
async def test_session_whose_expiry_cannot_be_read_has_expired(
    sqlite_database: Database, damaged: str | int
) -> None:
    service = await serve(sqlite_database)
    signed_up = await service.sign_up()
    await service.execute('UPDATE session SET "expiresAt" = :damaged', damaged=damaged)
    token = await service.get("/token", browser(signed_up))
    assert (token.status, token.json()["code"]) == (401, "UNAUTHORIZED")
    assert (await service.get("/get-session", browser(signed_up))).body == b"null"


async def test_revoked_session_is_refused_at_once(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    headers = browser(signed_up)
    assert (await service.get("/get-session", headers)).body != b"null"
    await service.execute("DELETE FROM session")
    assert_nobody(await service.get("/get-session", headers), cleared=True)
    assert (await service.get("/token", headers)).status == 401


# What else the answer carries


@pytest.mark.parametrize("sent", ["", "better-auth.session_token=x; "])
async def test_cookie_cache_of_a_former_server_is_cleared_for_anybody(
    database: Database, sent: str
) -> None:
    service = await serve(database)
    cookie = f"{sent}better-auth.session_data=a; better-auth.session_data.0=b; other=c"
    answer = await service.get("/get-session", [("cookie", cookie)])
    assert answer.body == b"null"
    assert answer.header_list("set-cookie") == [
        f"better-auth.session_data{chunk}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
        for chunk in ("", ".0")
    ]


async def test_cookie_cache_is_cleared_beside_a_live_session(database: Database) -> None:
    service = await serve(database)
    cookie = cookies(await service.sign_up())
    headers = [("cookie", f"{cookie}; better-auth.session_data=x")]
    answer = await service.get("/get-session", headers)
    assert answer.json()["user"]["name"] == "Ada"
    (line,) = answer.header_list("set-cookie")
    assert line.startswith("better-auth.session_data=; Max-Age=0;")


async def test_forged_cookie_cache_is_nobody_s_session(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    headers = [("cookie", "better-auth.session_data=eyJ1c2VyIjp7ImlkIjoieCJ9fQ")]
    assert (await service.get("/get-session", headers)).body == b"null"


async def test_access_token_and_its_exposure_go_with_a_session(database: Database) -> None:
    service = await serve(database)
    token = (await service.sign_up()).json()["token"]
    answer = await service.get("/get-session", bearer(token))
    assert answer.header_list("access-control-expose-headers") == ["set-auth-jwt"]
    claims = jwt.decode(answer.header("set-auth-jwt") or "", SECRET, algorithms=["HS256"])
    assert claims["sub"] == answer.json()["user"]["id"]


async def test_renewal_exposes_both_tokens(database: Database) -> None:
    service = await serve(database, session=SessionOptions(update_age=0))
    token = (await service.sign_up()).json()["token"]
    answer = await service.get("/get-session", bearer(token))
    exposed = answer.header_list("access-control-expose-headers")
    assert exposed == ["set-auth-jwt, set-auth-token"]


async def test_setting_leaves_the_access_token_out(database: Database) -> None:
    service = await serve(database, plugins=enabled(JwtOptions(disable_setting_jwt_header=True)))
    answer = await service.get("/get-session", browser(await service.sign_up()))
    assert answer.header("set-auth-jwt") is None


# Bearer


async def test_raw_signed_and_encoded_session_tokens_are_bearers(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    signed = signed_up.header("set-auth-token") or ""
    encoded = cookies(signed_up).partition("=")[2]
    for token in (signed_up.json()["token"], signed, encoded):
        answer = await service.get("/get-session", bearer(token))
        assert answer.json()["user"]["name"] == "Ada"


async def test_access_token_is_no_session_token(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    token = (await service.get("/token", browser(signed_up))).json()["token"]
    assert_nobody(await service.get("/get-session", bearer(token)), cleared=False)
    assert (await service.get("/token", bearer(token))).status == 401


async def test_unknown_raw_bearer_beats_a_good_cookie(database: Database) -> None:
    service = await serve(database)
    headers = [*browser(await service.sign_up()), *bearer("unknown")]
    assert_nobody(await service.get("/get-session", headers), cleared=True)


async def test_bearer_with_a_bad_signature_leaves_the_cookie_in_force(database: Database) -> None:
    service = await serve(database)
    headers = [*browser(await service.sign_up()), *bearer("unknown.signature")]
    assert (await service.get("/get-session", headers)).json()["user"]["name"] == "Ada"


@pytest.mark.parametrize(
    "value", ["Bearer \xff\xfe", "Bearer %00%ff", "Bearer " + "x" * 60_000, "\xff", "Bearer ."]
)
async def test_garbage_in_authorization_is_no_fault(database: Database, value: str) -> None:
    service = await serve(database)
    for path, status in (("/get-session", 200), ("/token", 401)):
        assert (await service.get(path, [("authorization", value)])).status == status


# Sign-out


@pytest.mark.parametrize("way", ["cookie", "bearer"])
async def test_sign_out_ends_the_session_for_cookie_and_bearer_at_once(
    database: Database, way: str
) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    by_cookie, by_bearer = browser(signed_up), bearer(signed_up.json()["token"])
    answer = await service.post("/sign-out", {}, by_cookie if way == "cookie" else by_bearer)
    assert (answer.status, answer.body) == (200, b'{"success":true}')
    assert answer.header_list("set-cookie") == CLEARED
    assert answer.header("set-auth-token") is None
    assert await service.rows(sessions) == []
    for headers in (by_cookie, by_bearer):
        assert_nobody(await service.get("/get-session", headers), cleared=True)
        assert (await service.get("/token", headers)).status == 401


@pytest.mark.engines("sqlite", "postgres")
async def test_sign_out_leaves_other_sessions_alone(database: Database) -> None:
    service = await serve(database)
    first, second = await service.sign_up(), await service.sign_in()
    await service.post("/sign-out", {}, browser(first))
    (left,) = await service.rows(sessions)
    assert left["token"] == second.json()["token"]


async def test_sign_out_of_nobody_clears_all_the_same(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    forged = [("cookie", "better-auth.session_token=x.y"), ("origin", ORIGIN)]
    headers: list[list[Header]] = [[], bearer("unknown"), forged]
    for sent in headers:
        answer = await service.post("/sign-out", {}, sent)
        assert answer.json() == {"success": True}
        assert answer.header_list("set-cookie") == CLEARED
    assert len(await service.rows(sessions)) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b'{"state":"x","disableRedirect":true,"x":1}'])
async def test_sign_out_needs_no_body(database: Database, body: bytes) -> None:
    service = await serve(database)
    headers = [JSON, *browser(await service.sign_up())]
    assert (await service.post("/sign-out", body, headers)).json() == {"success": True}


@pytest.mark.parametrize(("body", "kind"), [(b"null", "null"), (b"[]", "array"), (b'""', "string")])
async def test_sign_out_refuses_a_body_that_is_no_object(
    database: Database, body: bytes, kind: str
) -> None:
    service = await serve(database)
    answer = await service.post("/sign-out", body, [JSON, *browser(await service.sign_up())])
    assert answer.status == 400
    assert answer.json() == {
        "message": f"[body] Invalid input: expected object, received {kind}",
        "code": "VALIDATION_ERROR",
    }
    assert len(await service.rows(sessions)) == 1


# The store


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/get-session"), ("GET", "/token"), ("POST", "/sign-out")]
)
async def test_store_that_is_down_is_503_and_never_not_signed_in(
    database: Database, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    service = await serve(database)
    headers = browser(await service.sign_up())

    def down(*arguments: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(database, "read_stored", down)
    monkeypatch.setattr(database, "begin", down)
    answer = await service.call(method, path, headers)
    assert answer.status == 503
    assert answer.json()["code"] == "STORE_UNAVAILABLE"
    assert answer.header("retry-after") == "2"
    assert answer.header_list("set-cookie") == []


async def test_session_row_of_the_original_is_served(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    (user,) = await service.rows(users)
    row = {
        "id": "2uTOZ2xzZdk1U3xGhYP9Kwregv0pAVa9",
        "expiresAt": from_now(days=7),
        "token": "nnUMUDeKoHeQRNqFuQEdD1iULI954JVM",
        "createdAt": from_now(),
        "updatedAt": from_now(),
        "ipAddress": None,
        "userAgent": None,
        "userId": user["id"],
    }
    async with database.begin() as tx:
        await tx.execute(insert(sessions), row)
    # The cookie was set by the original, under the same secret.
    cookie = (
        "better-auth.session_token=nnUMUDeKoHeQRNqFuQEdD1iULI954JVM."
        "ZeROZZco9kkf2rJ%2BDFib1NcQ92EsvLBQir%2B2Qlx%2B3hI%3D"
    )
    answer = await service.get("/get-session", [("cookie", cookie)])
    assert answer.json()["session"] == row


@pytest.mark.parametrize(
    "more",
    [
        "better-auth.session_data=",
        "better-auth.session_data",
        'better-auth.session_data=""',
        "better-auth.session_data.0=; better-auth.session_data.1=",
    ],
)
async def test_cookie_of_a_cache_that_holds_nothing_is_left_alone(
    database: Database, more: str
) -> None:
    service = await serve(database)
    mine = cookies(await service.sign_up())
    for header in (f"{mine}; {more}", more):
        answer = await service.get("/get-session", [("cookie", header)])
        assert answer.header_list("set-cookie") == []


@pytest.mark.parametrize("body", [b"{", b'{"callbackURL":"https://evil.example"}', b"[]"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
async def test_body_of_get_session_is_not_read(database: Database, body: bytes, kind: str) -> None:
    service = await serve(database, session=SessionOptions(defer_session_refresh=True))
    headers = [*browser(await service.sign_up()), ("content-type", kind)]
    answer = await service.post("/get-session", body, headers)
    assert answer.status == 200
    assert answer.json()["user"]["email"] == EMAIL
