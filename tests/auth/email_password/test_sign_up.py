"""/sign-up/email and what it leaves in the database."""

import asyncio
import itertools
import re
from types import SimpleNamespace
from typing import NoReturn

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.auth.email_password.sign_up import SAME_TIME
from app.auth.passwords import hashing as passwords
from app.auth.passwords.hashes import Scheme, make, verify_hash
from app.models.clock import from_iso
from app.settings.options import EmailAndPasswordOptions
from app.storage.database import Database
from tests.support.service import EMAIL, FORM, PASSWORD, browser, cookies, serve
from tests.support.tables import accounts, sessions, users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

ID = re.compile("[a-zA-Z0-9]{32}")
NEEDS_VERIFICATION = EmailAndPasswordOptions(require_email_verification=True)
NO_AUTO_SIGN_IN = EmailAndPasswordOptions(auto_sign_in=False)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed; making the application hashes one of its own first."""
    made: list[str] = []

    def counted(password: str, scheme: Scheme) -> str:
        made.append(password)
        return make(password, scheme)

    monkeypatch.setattr(passwords, "make", counted)
    return made


async def test_sign_up_makes_a_user_a_credential_and_a_session(database: Database) -> None:
    service = await serve(database)
    answer = await service.sign_up()
    (user,), (account,), (session,) = [
        await service.rows(table) for table in (users, accounts, sessions)
    ]
    now = user["createdAt"]
    assert user == {
        "id": user["id"],
        "name": "Ada",
        "email": EMAIL,
        "emailVerified": False,
        "image": None,
        "createdAt": now,
        "updatedAt": now,
    }
    empty = ["accessToken", "refreshToken", "idToken", "accessTokenExpiresAt"]
    empty += ["refreshTokenExpiresAt", "scope"]
    assert account == {
        "id": account["id"],
        "accountId": user["id"],
        "providerId": "credential",
        "userId": user["id"],
        "password": account["password"],
        "createdAt": now,
        "updatedAt": now,
        **dict.fromkeys(empty),
    }
    assert verify_hash(PASSWORD, account["password"])
    assert session["userId"] == user["id"]
    assert session["token"] == answer.json()["token"]
    ids = [user["id"], account["id"], session["id"], session["token"]]
    assert all(ID.fullmatch(each) for each in ids)
    assert len(set(ids)) == 4


async def test_answer_is_the_token_and_the_user_in_the_original_s_order(
    database: Database,
) -> None:
    service = await serve(database)
    answer = await service.sign_up(callbackURL="/next")
    assert answer.status == 200
    assert list(answer.json()) == ["token", "user"]
    keys = ["name", "email", "emailVerified", "image", "createdAt", "updatedAt", "id"]
    assert list(answer.json()["user"]) == keys
    assert [answer.json()["user"]] == await service.rows(users)
    assert answer.header("location") is None
    assert answer.header("cache-control") == "no-store"
    assert answer.header("access-control-expose-headers") == "set-auth-token"
    token = answer.json()["token"]
    assert (answer.header("set-auth-token") or "").startswith(f"{token}.")
    assert answer.header_list("set-cookie")[0].startswith(f"better-auth.session_token={token}.")


@pytest.mark.engines("sqlite", "postgres")
async def test_address_is_kept_in_lower_case_and_all_else_verbatim(database: Database) -> None:
    service = await serve(database)
    name, image = "  <b>Ada</b> 😀 ", "not a url\n"
    answer = await service.sign_up("Ada.B+C@Example.COM", name=name, image=image)
    user = answer.json()["user"]
    assert (user["email"], user["name"], user["image"]) == ("ada.b+c@example.com", name, image)
    assert await service.rows(users) == [user]


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("name", ["", " ", "x" * 5000, '\'; DROP TABLE "user"; --', "\u202e"])
async def test_any_name_is_a_name(database: Database, name: str) -> None:
    service = await serve(database)
    assert (await service.sign_up(name=name)).json()["user"]["name"] == name
    assert (await service.sign_in()).json()["user"]["name"] == name


async def test_identity_and_privileges_are_not_taken_from_the_body(database: Database) -> None:
    service = await serve(database)
    forged: dict[str, object] = {
        "id": "mine",
        "userId": "mine",
        "emailVerified": True,
        "role": "admin",
    }
    forged |= {"createdAt": "1999-01-01T00:00:00.000Z", "banned": False, "token": "mine"}
    answer = await service.sign_up(EMAIL, **forged)
    (user,) = await service.rows(users)
    assert answer.json()["user"] == user
    assert not user["emailVerified"]
    assert user["id"] != "mine"
    assert answer.json()["token"] != "mine"
    assert user["createdAt"] > "2000"


async def test_remember_me_false_makes_a_session_of_a_day(database: Database) -> None:
    service = await serve(database)
    answer = await service.sign_up(rememberMe=False)
    (session,) = await service.rows(sessions)
    age = from_iso(session["expiresAt"]) - from_iso(session["createdAt"])
    assert age.total_seconds() == 24 * 3600
    assert "Max-Age" not in str(answer.header_list("set-cookie"))
    assert len(answer.header_list("set-cookie")) == 2


async def test_session_keeps_address_and_agent(database: Database) -> None:
    service = await serve(database)
    body = {"name": "x", "email": EMAIL, "password": PASSWORD}
    agent = [("user-agent", "Mozilla/5.0 (é)")]
    await service.post("/sign-up/email", body, agent, peer="2001:db8::1:2:3:4")
    (session,) = await service.rows(sessions)
    assert session["ipAddress"] == "2001:0db8:0000:0000:0000:0000:0000:0000"
    assert session["userAgent"] == "Mozilla/5.0 (é)"


async def test_form_signs_up_as_json_does(database: Database) -> None:
    service = await serve(database)
    body = b"name=A+B&email=form%40b.co&password=p%C3%A4ssword1&image="
    answer = await service.post("/sign-up/email", body, [FORM])
    user = answer.json()["user"]
    assert (user["name"], user["email"], user["image"]) == ("A B", "form@b.co", "")
    assert (await service.sign_in("form@b.co", "pässword1")).status == 200


async def test_form_has_no_booleans(database: Database) -> None:
    service = await serve(database)
    body = b"name=A&email=form%40b.co&password=xxxxxxxx&rememberMe=false"
    answer = await service.post("/sign-up/email", body, [FORM])
    assert answer.status == 400
    assert answer.json()["message"] == (
        "[body.rememberMe] Invalid input: expected boolean, received string"
    )


async def test_last_of_two_equal_keys_counts(database: Database) -> None:
    service = await serve(database)
    body = b'{"name":1,"name":"x","email":"dup@b.co","password":"password1"}'
    answer = await service.post("/sign-up/email", body, [("content-type", "application/json")])
    assert answer.json()["user"]["name"] == "x"


@pytest.mark.engines("sqlite", "postgres")
async def test_lone_surrogate_becomes_the_replacement_character(database: Database) -> None:
    service = await serve(database)
    body = b'\xef\xbb\xbf{"name":"\\ud800x\xff","email":"lone@b.co","password":"password1"}'
    answer = await service.post("/sign-up/email", body, [("content-type", "application/json")])
    assert answer.json()["user"]["name"] == "\ufffdx\ufffd"


# Passwords


@pytest.mark.parametrize("password", ["x" * 8, "😀" * 4, "x" * 128, "😀" * 64, " " * 8, "\0" * 8])
async def test_password_within_bounds_signs_up_and_in(database: Database, password: str) -> None:
    service = await serve(database)
    assert (await service.sign_up(password=password)).status == 200
    assert (await service.sign_in(password=password)).status == 200
    assert (await service.sign_in(password=f"{password[:-1]}y")).status == 401


@pytest.mark.parametrize(
    ("password", "code", "message"),
    [
        ("x" * 7, "PASSWORD_TOO_SHORT", "Password too short"),
        ("😀" * 3, "PASSWORD_TOO_SHORT", "Password too short"),
        ("x" * 129, "PASSWORD_TOO_LONG", "Password too long"),
        ("😀" * 65, "PASSWORD_TOO_LONG", "Password too long"),
        ("x" * 1_000_000, "PASSWORD_TOO_LONG", "Password too long"),
    ],
)
async def test_password_out_of_bounds_is_refused_without_hashing(
    database: Database, hashed: list[str], password: str, code: str, message: str
) -> None:
    service = await serve(database)
    hashed.clear()
    answer = await service.sign_up(password=password)
    assert answer.status == 400
    assert answer.json() == {"message": message, "code": code}
    assert hashed == []
    assert await service.rows(users) == []


async def test_either_unicode_form_of_a_password_signs_in(database: Database) -> None:
    service = await serve(database)
    await service.sign_up(password="cafe\u0301 \u2460 \ufb01")
    assert (await service.sign_in(password="caf\xe9 1 fi")).status == 200


# Addresses that are taken


@pytest.mark.engines("sqlite", "postgres")
async def test_taken_address_is_422_in_any_case_and_leaves_nothing(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    for email in (EMAIL, EMAIL.upper()):
        answer = await service.sign_up(email, name="Eve")
        assert answer.status == 422
        assert answer.json() == {
            "message": "User already exists. Use another email.",
            "code": "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
        }
        assert answer.header_list("set-cookie") == []
    assert len(await service.rows(users)) == len(await service.rows(accounts)) == 1


@pytest.mark.engines("sqlite", "postgres")
async def test_address_with_other_blanks_or_dots_is_another_address(database: Database) -> None:
    service = await serve(database)
    await service.sign_up("a.b@c.co")
    assert (await service.sign_up("ab@c.co")).status == 200
    assert (await service.sign_up(" a.b@c.co")).status == 400


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("policy", [NEEDS_VERIFICATION, NO_AUTO_SIGN_IN])
async def test_taken_address_looks_free_where_nobody_is_signed_in(
    database: Database, hashed: list[str], policy: EmailAndPasswordOptions
) -> None:
    service = await serve(database, email_and_password=policy)
    hashed.clear()
    free = await service.sign_up(name="Ada", image="/a.png")
    taken = await service.sign_up(EMAIL.upper(), name="Ada", image="/a.png")
    assert free.status == taken.status == 200
    assert free.json()["token"] is taken.json()["token"] is None
    assert [name for name, _ in free.headers] == [name for name, _ in taken.headers]
    mine, fake = free.json()["user"], taken.json()["user"]
    assert list(free.json()) == list(taken.json())
    assert list(mine) == list(fake)
    varying = ("id", "createdAt", "updatedAt")
    assert {k: v for k, v in mine.items() if k not in varying} == {
        k: v for k, v in fake.items() if k not in varying
    }
    assert ID.fullmatch(fake["id"])
    assert fake["id"] != mine["id"]
    assert hashed == [PASSWORD, PASSWORD]
    assert len(await service.rows(users)) == 1
    assert await service.rows(sessions) == []


@pytest.mark.engines("sqlite", "postgres")
async def test_sign_up_that_must_not_tell_takes_the_same_time_for_everybody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database, email_and_password=NO_AUTO_SIGN_IN)
    waits: list[float] = []

    async def noted(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("app.auth.email_password.sign_up.SAME_TIME", SAME_TIME)
    clock = itertools.count(1000.0, SAME_TIME / 5)
    frozen = SimpleNamespace(monotonic=lambda: next(clock))
    monkeypatch.setattr("app.auth.equal_time.time", frozen)
    monkeypatch.setattr("app.auth.equal_time.asyncio.sleep", noted)
    await service.sign_up(EMAIL)
    await service.sign_up(EMAIL)
    assert waits == [pytest.approx(SAME_TIME * 4 / 5)] * 2


@pytest.mark.engines("sqlite", "postgres")
async def test_nul_does_not_tell_a_taken_address_from_a_free_one(database: Database) -> None:
    service = await serve(database, email_and_password=NO_AUTO_SIGN_IN)
    await service.sign_up(EMAIL)
    taken = await service.sign_up(EMAIL, name="a\0b")
    free = await service.sign_up("free@example.com", name="a\0b")
    assert (taken.status, list(taken.json())) == (free.status, list(free.json()))


@pytest.mark.parametrize("policy", [NEEDS_VERIFICATION, NO_AUTO_SIGN_IN])
async def test_short_password_is_refused_before_the_address_is_looked_up(
    database: Database, policy: EmailAndPasswordOptions
) -> None:
    service = await serve(database, email_and_password=policy)
    await service.sign_up()
    assert (await service.sign_up(password="short")).json()["code"] == "PASSWORD_TOO_SHORT"


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("count", [2, 16])
async def test_parallel_sign_ups_make_one_user(database: Database, count: int) -> None:
    service = await serve(database)
    answers = await asyncio.gather(*(service.sign_up() for _ in range(count)))
    assert sorted(answer.status for answer in answers) == [200] + [422] * (count - 1)
    codes = {answer.json().get("code") for answer in answers if answer.status == 422}
    assert codes <= {"FAILED_TO_CREATE_USER", "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"}
    for table in (users, accounts, sessions):
        assert len(await service.rows(table)) == 1


# Refusals


@pytest.mark.engines("sqlite", "postgres")
async def test_nul_in_a_name_is_for_the_engine_to_judge(database: Database) -> None:
    service = await serve(database)
    answer = await service.sign_up(name="a\0b")
    if database.dialect == "sqlite":
        assert answer.json()["user"]["name"] == "a\0b"
    else:
        assert answer.status == 422
        assert answer.json() == {
            "message": "Failed to create user",
            "code": "FAILED_TO_CREATE_USER",
        }
        assert await service.rows(users) == []


@pytest.mark.engines("sqlite", "postgres")
async def test_failed_insert_of_the_session_takes_user_and_credential_along(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database)

    def fail(*_: object) -> NoReturn:
        raise IntegrityError("INSERT", {}, Exception("constraint"))

    monkeypatch.setattr("app.auth.sessions.database_store.DatabaseSessions.list_rows", fail)
    answer = await service.sign_up()
    assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_CREATE_USER")
    assert await service.rows(users) == await service.rows(accounts) == []
    assert answer.header_list("set-cookie") == []


async def test_store_that_cannot_be_written_is_an_outage_and_no_wrong_user(
    sqlite_database: Database,
) -> None:
    service = await serve(sqlite_database)
    async with sqlite_database.begin() as tx:
        await tx.execute(text("PRAGMA query_only=ON"))
    answer = await service.sign_up()
    assert (answer.status, answer.json()["code"]) == (503, "STORE_UNAVAILABLE")


async def test_fault_of_the_schema_is_not_blamed_on_the_user(sqlite_database: Database) -> None:
    service = await serve(sqlite_database)
    await service.execute("ALTER TABLE account RENAME COLUMN password TO hash")
    answer = await service.sign_up()
    assert (answer.status, answer.json()["code"]) == (500, "INTERNAL_SERVER_ERROR")


@pytest.mark.parametrize(
    "policy",
    [EmailAndPasswordOptions(disable_sign_up=True), EmailAndPasswordOptions(enabled=False)],
)
async def test_sign_up_can_be_switched_off_which_is_said_after_the_body_is_judged(
    database: Database, policy: EmailAndPasswordOptions
) -> None:
    service = await serve(database, email_and_password=policy)
    answer = await service.sign_up(password="short")
    assert answer.status == 400
    assert answer.json() == {
        "message": "Email and password sign up is not enabled",
        "code": "EMAIL_PASSWORD_SIGN_UP_DISABLED",
    }
    assert (await service.sign_up("bad")).json()["code"] == "VALIDATION_ERROR"


async def test_sign_up_while_signed_in_is_a_session_of_the_new_user(database: Database) -> None:
    service = await serve(database)
    first = await service.sign_up()
    body = {"name": "Bea", "email": "bea@example.com", "password": PASSWORD}
    second = await service.post("/sign-up/email", body, browser(first))
    assert second.json()["user"]["name"] == "Bea"
    assert cookies(second) != cookies(first)
    assert (await service.get("/get-session", browser(first))).json()["user"]["name"] == "Ada"
