"""/sign-in/email: who gets a session, and what the others may learn."""

import pytest

from app.auth.passwords import hashing as passwords
from app.auth.passwords.hashes import verify_hash
from app.models.clock import from_iso
from app.settings.options import CookieCacheOptions, EmailAndPasswordOptions, SessionOptions
from app.storage.database import Database
from tests.auth.passwords.test_hashes import SCRYPT
from tests.support.service import EMAIL, FORM, ORIGIN, PASSWORD, Service, browser, serve
from tests.support.tables import accounts, sessions, users

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.engines("sqlite"),
    pytest.mark.usefixtures("full_cost_hashes"),
]

REFUSAL = {"message": "Invalid email or password", "code": "INVALID_EMAIL_OR_PASSWORD"}
MALFORMED = [None, "", "x", ":", "$argon2id$", "$2b$12$x", SCRYPT[:-1], "é" * 161]


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The checks that were made: password and hash."""
    calls: list[tuple[str, str]] = []

    def counted(password: str, stored: str) -> bool:
        calls.append((password, stored))
        return verify_hash(password, stored)

    monkeypatch.setattr(passwords, "verify_hash", counted)
    return calls


async def with_stored(service: Service, stored: str | None) -> None:
    """A user whose credential holds this."""
    await service.sign_up()
    await service.alter(accounts, password=stored)
    await service.execute("DELETE FROM session")


async def test_sign_in_starts_a_session_beside_the_old_ones(database: Database) -> None:
    service = await serve(database)
    first, second = await service.sign_up(), await service.sign_in()
    assert second.status == 200
    assert list(second.json()) == ["redirect", "token", "user"]
    assert second.json()["redirect"] is False
    assert second.json()["user"] == first.json()["user"]
    tokens = {session["token"] for session in await service.rows(sessions)}
    assert tokens == {first.json()["token"], second.json()["token"]}
    assert second.header("cache-control") == "no-store"
    for answer in (first, second):
        assert (await service.get("/get-session", browser(answer))).status == 200


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("email", [EMAIL.upper(), "Ada@Example.com"])
async def test_case_of_the_address_is_no_matter(database: Database, email: str) -> None:
    service = await serve(database)
    await service.sign_up()
    assert (await service.sign_in(email)).status == 200


@pytest.mark.parametrize("email", ["", "nope", " ada@example.com", "ada@example.com\n", "é@b.co"])
async def test_text_that_is_no_address_is_invalid_email(database: Database, email: str) -> None:
    service = await serve(database)
    answer = await service.sign_in(email)
    assert answer.status == 400
    assert answer.json() == {"message": "Invalid email", "code": "INVALID_EMAIL"}


@pytest.mark.parametrize("password", ["x" * 129, "😀" * 65, "x" * 1_000_000])
async def test_too_long_password_is_refused_without_a_check(
    database: Database, checked: list[tuple[str, str]], password: str
) -> None:
    service = await serve(database)
    await service.sign_up()
    answer = await service.sign_in(password=password)
    assert answer.status == 400
    assert answer.json() == {"message": "Password too long", "code": "PASSWORD_TOO_LONG"}
    assert checked == []


@pytest.mark.parametrize("password", ["", "x", "wrong horse", PASSWORD.upper(), f"{PASSWORD} "])
async def test_wrong_password_and_unknown_address_are_one_answer_after_one_check(
    database: Database, checked: list[tuple[str, str]], password: str
) -> None:
    service = await serve(database)
    await service.sign_up()
    answers = [await service.sign_in(password=password), await service.sign_in("b@c.co", password)]
    assert [answer.status for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json() == REFUSAL
    unnumbered = [[h for h in a.headers if h[0] != "x-request-id"] for a in answers]
    assert unnumbered[0] == unnumbered[1]
    schemes = [stored.rsplit("$", 2)[0] for _, stored in checked]
    assert schemes == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2


@pytest.mark.parametrize("stored", MALFORMED)
async def test_malformed_or_missing_hash_is_a_failed_sign_in_after_the_same_work(
    database: Database, checked: list[tuple[str, str]], stored: str | None
) -> None:
    service = await serve(database)
    await with_stored(service, stored)
    answer = await service.sign_in()
    assert (answer.status, answer.json()) == (401, REFUSAL)
    ((_, against),) = checked
    assert against.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await service.rows(sessions) == []


@pytest.mark.engines("sqlite", "postgres")
async def test_user_without_a_credential_is_refused_as_an_unknown_one(
    database: Database, checked: list[tuple[str, str]]
) -> None:
    service = await serve(database)
    await service.sign_up()
    await service.alter(accounts, providerId="github")
    assert (await service.sign_in()).json() == REFUSAL
    assert len(checked) == 1


@pytest.mark.engines("sqlite", "postgres")
async def test_another_user_s_credential_is_no_credential(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    await service.alter(accounts, accountId="somebody else")
    assert (await service.sign_in()).status == 401


async def test_form_signs_in_as_json_does(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    body = b"email=ada%40example.com&password=correct+horse"
    assert (await service.post("/sign-in/email", body, [FORM])).status == 200


@pytest.mark.parametrize(("remember", "days"), [(True, 30), (False, 1)])
async def test_session_lasts_as_set_or_a_day(database: Database, remember: bool, days: int) -> None:
    service = await serve(database, session=SessionOptions(expires_in=30 * 24 * 3600))
    await service.sign_up()
    await service.execute("DELETE FROM session")
    answer = await service.sign_in(rememberMe=remember)
    (session,) = await service.rows(sessions)
    age = from_iso(session["expiresAt"]) - from_iso(session["createdAt"])
    assert age.total_seconds() == days * 24 * 3600
    assert ("Max-Age=2592000" in str(answer.headers)) is remember


# What stands between a right password and a session


async def test_unproved_address_is_told_only_to_who_knows_the_password(database: Database) -> None:
    service = await serve(
        database, email_and_password=EmailAndPasswordOptions(require_email_verification=True)
    )
    await service.sign_up()
    assert (await service.sign_in(password="wrong horse")).json() == REFUSAL
    answer = await service.sign_in()
    assert answer.status == 403
    assert answer.json() == {"message": "Email not verified", "code": "EMAIL_NOT_VERIFIED"}
    assert answer.header_list("set-cookie") == []
    assert await service.rows(sessions) == []
    await service.alter(users, emailVerified=True)
    assert (await service.sign_in()).status == 200


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize(
    ("column", "code"), [("banned", "BANNED_USER"), ("twoFactorEnabled", "TWO_FACTOR_REQUIRED")]
)
async def test_guarded_user_is_refused_after_the_right_password_and_gets_no_token(
    database: Database, column: str, code: str
) -> None:
    signed_up = await (await serve(database)).sign_up()
    kind = "integer" if database.dialect == "sqlite" else "boolean"
    async with database.begin() as tx:
        await tx.exec_driver_sql(f'ALTER TABLE "user" ADD COLUMN "{column}" {kind}')
    service = await serve(database)
    assert (await service.sign_in()).status == 200
    await service.execute(f'UPDATE "user" SET "{column}" = CAST(1 AS {kind})')
    held = len(await service.rows(sessions))

    assert (await service.sign_in(password="wrong horse")).json() == REFUSAL
    answer = await service.sign_in()
    assert (answer.status, answer.json()["code"]) == (403, code)
    assert answer.header_list("set-cookie") == []
    assert answer.header("set-auth-token") is None
    assert len(await service.rows(sessions)) == held

    refused = await service.get("/token", browser(signed_up))
    assert (refused.status, refused.json()["code"]) == (403, code)
    current = await service.get("/get-session", browser(signed_up))
    assert current.header("set-auth-jwt") is None


@pytest.mark.engines("sqlite", "postgres")
async def test_user_who_is_banned_while_the_password_is_checked_gets_no_session(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await serve(database)).sign_up()
    kind = "integer" if database.dialect == "sqlite" else "boolean"
    async with database.begin() as tx:
        await tx.exec_driver_sql(f'ALTER TABLE "user" ADD COLUMN "banned" {kind}')
    service = await serve(database)
    held, verify = len(await service.rows(sessions)), passwords.Passwords.verify

    async def slow(own: passwords.Passwords, password: str, stored: str | None) -> bool:
        found = await verify(own, password, stored)
        await service.execute(f'UPDATE "user" SET "banned" = CAST(1 AS {kind})')
        return found

    monkeypatch.setattr(passwords.Passwords, "verify", slow)
    answer = await service.sign_in()
    assert (answer.status, answer.json()["code"]) == (403, "BANNED_USER")
    assert len(await service.rows(sessions)) == held


async def test_sign_in_can_be_switched_off_which_is_said_after_the_body_is_judged(
    database: Database,
) -> None:
    service = await serve(database, email_and_password=EmailAndPasswordOptions(enabled=False))
    answer = await service.sign_in("nope")
    assert answer.status == 400
    assert answer.json() == {
        "message": "Email and password is not enabled",
        "code": "EMAIL_PASSWORD_DISABLED",
    }
    assert (await service.post("/sign-in/email", {})).json()["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("path", ["/sign-in/email", "/sign-up/email"])
@pytest.mark.parametrize("cache", [False, True])
async def test_session_that_is_remembered_takes_back_the_cookie_of_one_that_was_not(
    database: Database, path: str, cache: bool
) -> None:
    """With that cookie nothing renews it, and it ends under the hands of who is active."""
    policy = SessionOptions(cookie_cache=CookieCacheOptions(enabled=cache))
    service = await serve(database, session=policy)
    await service.sign_up()
    forgetful = await service.sign_in(rememberMe=False)
    email = EMAIL if path == "/sign-in/email" else "other@example.com"
    body = {"name": "Ada", "email": email, "password": PASSWORD}
    answer = await service.post(path, body, browser(forgetful))
    lines = answer.header_list("set-cookie")
    assert [line.partition("=")[0] for line in lines[:2]] == [
        "better-auth.session_token",
        "better-auth.dont_remember",
    ]
    assert lines[1] == "better-auth.dont_remember=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    unsigned = [("cookie", "better-auth.dont_remember=true"), ("origin", ORIGIN)]
    again = await service.post("/sign-in/email", {**body, "email": EMAIL}, unsigned)
    assert "dont_remember" not in str(again.headers)
