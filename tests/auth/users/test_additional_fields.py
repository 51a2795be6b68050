"""Additional fields of users, from sign-up to every answer that holds a user."""

from collections.abc import AsyncIterator

import jwt
import pytest
from sqlalchemy import text

from app.settings.options import EmailAndPasswordOptions, UserOptions
from tests.support.additional import USER_FIELDS, grown
from tests.support.asgi import Json
from tests.support.service import EMAIL, JSON, PASSWORD, SECRET, Service, browser

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

SHOWN = [field.name for field in USER_FIELDS if field.returned]
GIVEN: Json = {
    "lang": "fr",
    "age": 3,
    "score": 5,
    "tags": ["a", "b"],
    "counts": [1, 2.5],
    "note": "secret",
    "newsletter": False,
    "since": "2026-01-01T00:00:00Z",
    "prefs": {"a": [1, {"b": None}]},
    "plan": "pro",
    "nick": "ada",
}


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with grown(database_url) as made:
        yield made


def read_back(service: Service) -> dict[str, object]:
    """What `GIVEN` comes back as."""
    score = "5" if service.database.dialect == "postgresql" else 5
    seen = {**GIVEN, "role": "user", "admin": None, "since": "2026-01-01T00:00:00.000Z"}
    return {name: {**seen, "score": score}[name] for name in SHOWN}


async def test_given_values_come_back_between_updated_at_and_id(service: Service) -> None:
    user = (await service.sign_up(**GIVEN)).json()["user"]
    assert list(user)[5:] == ["updatedAt", *SHOWN, "id"]
    assert {name: user[name] for name in SHOWN} == read_back(service)


@pytest.mark.engines("sqlite", "postgres")
async def test_every_answer_shows_the_same_user(service: Service) -> None:
    answer = await service.sign_up(**GIVEN)
    user = answer.json()["user"]
    session = await service.get("/get-session", browser(answer))
    assert session.json()["user"] == user
    assert (await service.sign_in()).json()["user"] == user


async def test_token_names_them(service: Service) -> None:
    answer = await service.sign_up(**GIVEN)
    token = (await service.get("/token", browser(answer))).json()["token"]
    claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    assert {name: claims[name] for name in SHOWN} == read_back(service)


async def test_left_out_values_are_their_defaults_or_null(service: Service) -> None:
    user = (await service.sign_up()).json()["user"]
    defaults = {"role": "user", "lang": "en", "newsletter": True}
    assert {name: user[name] for name in SHOWN} == {**dict.fromkeys(SHOWN), **defaults}


async def test_hidden_value_is_kept(service: Service) -> None:
    await service.sign_up(**GIVEN)
    assert await service.database.read_all(text('SELECT note FROM "user"')) == [("secret",)]


async def test_value_that_clients_may_not_set_is_its_default(service: Service) -> None:
    assert (await service.sign_up(role="admin")).json()["user"]["role"] == "user"


@pytest.mark.parametrize("value", [True, "x", 1, [], {}])
async def test_value_that_clients_may_not_set_is_refused_without_a_default(
    service: Service, value: object
) -> None:
    answer = await service.sign_up(admin=value)
    told = {"message": "admin is not allowed to be set", "code": "FIELD_NOT_ALLOWED"}
    assert (answer.status, answer.json()) == (400, told)


@pytest.mark.parametrize("value", [False, "", 0, None])
async def test_empty_value_that_clients_may_not_set_is_ignored(
    service: Service, value: object
) -> None:
    assert (await service.sign_up(admin=value)).json()["user"]["admin"] is None


@pytest.mark.engines("sqlite", "postgres")
async def test_unique_value_is_not_given_twice(service: Service) -> None:
    assert (await service.sign_up(nick="ada")).status == 200
    answer = await service.sign_up("eve@example.com", nick="ada")
    assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_CREATE_USER")


@pytest.mark.parametrize("field", ["emailVerified", "id", "createdAt", "banned", "unknown"])
async def test_other_names_are_ignored(service: Service, field: str) -> None:
    user = (await service.sign_up(**{field: "2001-01-01T00:00:00.000Z"})).json()["user"]
    assert user.get(field) != "2001-01-01T00:00:00.000Z"


@pytest.mark.engines("sqlite", "postgres")
async def test_fake_answer_of_a_taken_address_has_them_too(database_url: str) -> None:
    policy = EmailAndPasswordOptions(auto_sign_in=False)
    async with grown(database_url, email_and_password=policy) as service:
        true = (await service.sign_up(lang="fr")).json()
        fake = (await service.sign_up(lang="de")).json()
    assert list(fake["user"]) == list(true["user"])
    assert [true["user"]["lang"], fake["user"]["lang"]] == ["fr", "de"]
    assert fake["user"]["id"] != true["user"]["id"]


@pytest.mark.engines("sqlite", "postgres")
async def test_demanded_value_is_asked_for(empty_database_url: str) -> None:
    fields = tuple(f for f in USER_FIELDS if f.name == "age")
    demanded = tuple(type(f)(name=f.name, type="number", required=True) for f in fields)
    user = UserOptions(additional_fields=demanded)
    async with grown(empty_database_url, user=user) as service:
        answer = await service.sign_up()
        assert (await service.sign_up(age=3)).json()["user"]["age"] == 3
    told = {"message": "age is required", "code": "MISSING_FIELD"}
    assert (answer.status, answer.json()) == (400, told)


WRONG: Json = {
    "age": "abc",
    "lang": 5,
    "newsletter": "yes",
    "tags": "q",
    "plan": "odd",
}


async def test_sqlite_keeps_values_of_other_types_as_the_original_does(sqlite_url: str) -> None:
    async with grown(sqlite_url) as service:
        user = (await service.sign_up(**WRONG)).json()["user"]
    assert {name: user[name] for name in WRONG} == {
        **WRONG,
        "lang": "5.0",
        "tags": None,
    }


@pytest.mark.parametrize("field", ["age", "tags"])
async def test_postgresql_refuses_values_of_other_types_as_the_original_does(
    postgres_url: str, field: str
) -> None:
    async with grown(postgres_url) as service:
        answer = await service.sign_up(**{field: WRONG[field]})
    assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_CREATE_USER")


@pytest.mark.parametrize("value", [{"a": 1}, [1]])
async def test_list_in_a_number_is_no_fault_of_ours(service: Service, value: object) -> None:
    answer = await service.sign_up(age=value)
    assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_CREATE_USER")


async def test_date_that_is_none_is_refused(service: Service) -> None:
    answer = await service.sign_up(since="soon")
    assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_CREATE_USER")


BEYOND = ["9999-12-31T23:59:59.999-12:00", "0001-01-01T00:00:00.000+12:00"]


@pytest.mark.parametrize("moment", BEYOND)
async def test_date_in_a_year_that_nothing_here_can_hold_is_refused(
    service: Service, moment: str
) -> None:
    answer = await service.sign_up(since=moment)
    assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_CREATE_USER")
    ada = browser(await service.sign_up())
    answer = await service.post("/update-user", {"since": moment}, ada)
    assert answer.status == 400
    assert answer.json() == {
        "code": "VALIDATION_ERROR",
        "message": "[body.since] Invalid input: expected date, received string",
    }


HUGE = "1" * 400
ODD = {
    "number": HUGE,
    "number in a list": f"[{HUGE}]",
    "infinite": "1e400",
    "NUL": '"a\\u0000b"',
    "NUL inside": '{"\\u0000":"\\u0000"}',
    "surrogate": '"\\ud800"',
    "surrogate inside": '{"\\ud800":["\\ud800"]}',
    "deep": "[" * 2000 + "]" * 2000,
    "long": f'"{"xyz" * 100_000}"',
    "far": '"+275760-09-13T00:00:00.001Z"',
}


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("odd", ODD)
async def test_no_value_is_a_fault_of_ours(service: Service, odd: str) -> None:
    """The value is kept, or refused by name; and the user can be read as before."""
    ada = browser(await service.sign_up())
    for number, field in enumerate(SHOWN):
        added = f'"{field}":{ODD[odd]}'
        person = f'{{"name":"A","email":"{number}@a.co","password":"{PASSWORD}",{added}}}'
        signed_up = await service.post("/sign-up/email", person.encode(), [JSON])
        assert signed_up.status in (200, 400, 422), field
        updated = await service.post("/update-user", f"{{{added}}}".encode(), [JSON, *ada])
        assert updated.status in (200, 400, 422), field
        assert (await service.get("/get-session", ada)).json()["user"]["email"] == EMAIL


async def test_unique_value_that_no_index_can_hold_is_refused(postgres_url: str) -> None:
    long = "".join(f"{number:x}" for number in range(20_000))
    async with grown(postgres_url) as service:
        answer = await service.sign_up(nick=long)
        assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_CREATE_USER")
        ada = browser(await service.sign_up())
        answer = await service.post("/update-user", {"nick": long}, ada)
        assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_UPDATE_USER")


REFUSED: Json = {
    "age": "abc",
    "prefs": "\0",
    "note": "\0",
    "since": "soon",
    "tags": {"a": 1},
    "lang": {},
}


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("field", REFUSED)
async def test_refused_value_does_not_tell_a_taken_address_from_a_free_one(
    database_url: str, field: str
) -> None:
    """PR #8091: what the store refuses was refused only where the address was free."""
    policy = EmailAndPasswordOptions(require_email_verification=True)
    async with grown(database_url, email_and_password=policy) as service:
        await service.sign_up()
        odd: Json = {field: REFUSED[field]}
        taken, free = await service.sign_up(**odd), await service.sign_up("b@example.com", **odd)
        assert taken.status == free.status
        assert list(taken.json()) == list(free.json())


@pytest.mark.engines("sqlite", "postgres")
async def test_unique_value_does_not_tell_a_taken_address_from_a_free_one(
    database_url: str,
) -> None:
    """PR #8091, too."""
    policy = EmailAndPasswordOptions(auto_sign_in=False)
    async with grown(database_url, email_and_password=policy) as service:
        await service.sign_up(nick="ada")
        taken = await service.sign_up(nick="ada")
        free = await service.sign_up("bob@example.com", nick="ada")
        assert (taken.status, taken.json()) == (free.status, free.json())
        assert (await service.sign_up(nick="free")).status == 200
        assert (await service.sign_up("bob@example.com", nick="free")).status == 200
