"""/update-user."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from app.models.clock import from_iso
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.additional import grown
from tests.support.asgi import Json
from tests.support.service import EMAIL, Service, bearer, browser, cookies, from_now, serve, serving
from tests.support.tables import sessions, users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with grown(database_url) as made:
        yield made


async def update(service: Service, **fields: object) -> tuple[int, Json]:
    """Sign up, change these fields; the status and the answer."""
    answer = await service.post("/update-user", fields, browser(await service.sign_up()))
    return answer.status, answer.json()


async def stored(service: Service) -> Json:
    (user,) = await service.rows(users)
    return user


@pytest.mark.engines("sqlite", "postgres")
async def test_name_and_picture_change(service: Service) -> None:
    assert await update(service, name="Ada L.", image="a.png") == (200, {"status": True})
    user = await stored(service)
    assert (user["name"], user["image"]) == ("Ada L.", "a.png")
    assert from_iso(user["updatedAt"]) > from_iso(user["createdAt"])


async def test_change_is_seen_at_once(service: Service) -> None:
    ada = browser(await service.sign_up())
    await service.post("/update-user", {"name": "Ada L."}, ada)
    assert (await service.get("/get-session", ada)).json()["user"]["name"] == "Ada L."


@pytest.mark.engines("sqlite", "postgres")
async def test_null_takes_the_picture_away(service: Service) -> None:
    ada = browser(await service.sign_up(image="a.png"))
    assert (await service.post("/update-user", {"image": None}, ada)).status == 200
    assert (await stored(service))["image"] is None


@pytest.mark.engines("sqlite", "postgres")
async def test_empty_name_is_a_name(service: Service) -> None:
    assert await update(service, name="") == (200, {"status": True})
    assert (await stored(service))["name"] == ""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": 5}, "[body.name] Invalid input: expected string, received number"),
        ({"name": None}, "[body.name] Invalid input: expected string, received null"),
        ({"name": {"a": 1}}, "[body.name] Invalid input: expected string, received object"),
        ({"image": []}, "[body.image] Invalid input: expected string, received array"),
        ([], "[body] Invalid input: expected record, received array"),
        ("x", "[body] Invalid input: expected record, received string"),
        ({"age": "3"}, "[body.age] Invalid input: expected number, received string"),
        ({"age": True}, "[body.age] Invalid input: expected number, received boolean"),
        ({"lang": 5}, "[body.lang] Invalid input: expected string, received number"),
        ({"newsletter": 1}, "[body.newsletter] Invalid input: expected boolean, received number"),
        ({"tags": "a"}, "[body.tags] Invalid input: expected array, received string"),
        ({"tags": ["a", 1]}, "[body.tags.1] Invalid input: expected string, received number"),
        ({"since": "soon"}, "[body.since] Invalid input: expected date, received string"),
        ({"plan": "odd"}, '[body.plan] Invalid option: expected one of "free"|"pro"'),
    ],
)
async def test_wrong_types_are_refused_and_nothing_is_written(
    service: Service, body: object, message: str
) -> None:
    answer = await service.post("/update-user", body, browser(await service.sign_up()))
    told = {"message": message, "code": "VALIDATION_ERROR"}
    assert (answer.status, answer.json()) == (400, told)
    user = await stored(service)
    assert user["updatedAt"] == user["createdAt"]


@pytest.mark.engines("sqlite", "postgres")
async def test_additional_fields_change(service: Service) -> None:
    changes = {"lang": "fr", "age": 10, "tags": ["a"], "prefs": {"a": 1}, "newsletter": False}
    ada = browser(await service.sign_up(age=3))
    assert (await service.post("/update-user", changes, ada)).status == 200
    user = (await service.get("/get-session", ada)).json()["user"]
    assert {name: user[name] for name in changes} == changes


@pytest.mark.engines("sqlite", "postgres")
async def test_hidden_field_changes(service: Service) -> None:
    assert await update(service, note="n") == (200, {"status": True})
    assert await service.database.read_all(text('SELECT note FROM "user"')) == [("n",)]


@pytest.mark.parametrize("field", ["role", "admin"])
async def test_field_that_clients_may_not_set_is_refused(service: Service, field: str) -> None:
    told = {"message": f"{field} is not allowed to be set", "code": "FIELD_NOT_ALLOWED"}
    assert await update(service, **{field: "admin"}) == (400, told)


@pytest.mark.parametrize(
    "body", [{}, {"role": ""}, {"unknown": 1}, {"id": "x"}, {"emailVerified": True}, {"email": ""}]
)
async def test_nothing_to_change_is_said(service: Service, body: object) -> None:
    answer = await service.post("/update-user", body, browser(await service.sign_up()))
    assert (answer.status, answer.json()) == (400, {"message": "No fields to update"})


async def test_address_is_not_changed_here(service: Service) -> None:
    told = {"message": "Email can not be updated", "code": "EMAIL_CAN_NOT_BE_UPDATED"}
    assert await update(service, email="new@example.com", name="x") == (400, told)
    assert (await stored(service))["email"] == EMAIL


@pytest.mark.engines("sqlite", "postgres")
async def test_unique_value_of_another_is_refused(service: Service) -> None:
    await service.sign_up("eve@example.com", nick="eve")
    status, told = await update(service, nick="eve")
    assert (status, told["code"]) == (422, "FAILED_TO_UPDATE_USER")


async def test_nul_is_no_fault_of_ours(postgres_url: str) -> None:
    async with serving(postgres_url) as service:
        status, told = await update(service, name="a\0b")
    assert (status, told["code"]) == (422, "FAILED_TO_UPDATE_USER")


@pytest.mark.parametrize("body", [{"name": "x"}, {"email": "x"}, {}, {"name": 5}])
async def test_nobody_changes_nothing(service: Service, body: object) -> None:
    answer = await service.post("/update-user", body)
    assert (answer.status, answer.json()["code"]) == (401, "UNAUTHORIZED")


async def test_foreign_user_id_in_the_body_names_nobody_else(service: Service) -> None:
    """GHSA-99h5-pjcv-gr6v: the caller is the session's user, whatever the body says."""
    eve = (await service.sign_up("eve@example.com")).json()["user"]
    ada = browser(await service.sign_up())
    body = {"name": "Mallory", "userId": eve["id"], "id": eve["id"]}
    assert (await service.post("/update-user", body, ada)).status == 200
    names = {user["email"]: user["name"] for user in await service.rows(users)}
    assert names == {"eve@example.com": "Ada", EMAIL: "Mallory"}


async def test_cookie_is_sent_anew_and_the_session_stays_as_it_is(service: Service) -> None:
    answer = await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(days=6.5))
    before = await service.rows(sessions)
    updated = await service.post("/update-user", {"name": "x"}, browser(answer))
    assert updated.header_list("set-cookie") == answer.header_list("set-cookie")
    assert "Max-Age=604800" in updated.header_list("set-cookie")[0]
    assert await service.rows(sessions) == before


async def test_forgetful_session_stays_forgetful(service: Service) -> None:
    answer = await service.sign_up(rememberMe=False)
    updated = await service.post("/update-user", {"name": "x"}, browser(answer))
    assert cookies(updated) == cookies(answer)
    assert "Max-Age" not in "".join(updated.header_list("set-cookie"))


async def test_bearer_client_gets_its_token_again(service: Service) -> None:
    answer = await service.sign_up()
    ada = bearer(answer.json()["token"])
    updated = await service.post("/update-user", {"name": "x"}, ada)
    assert updated.header("set-auth-token") == answer.header("set-auth-token")


@pytest.mark.engines("sqlite", "postgres")
async def test_refusal_after_a_renewal_gives_the_new_cookie(service: Service) -> None:
    answer = await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(days=1))
    refused = await service.post("/update-user", {}, browser(answer))
    assert (refused.status, len(refused.header_list("set-cookie"))) == (400, 1)


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("in_redis", [False, True])
async def test_parallel_changes_are_all_made_and_every_store_has_the_last(
    database: Database, request: pytest.FixtureRequest, *, in_redis: bool
) -> None:
    url = request.getfixturevalue("redis_url") if in_redis else ""
    storage = RedisStorage.open(url) if url else None
    service = await serve(database, storage=storage)
    answers = [await service.sign_up(), await service.sign_in()]
    ada = browser(answers[0])
    changes = (service.post("/update-user", {"name": f"Ada {n}"}, ada) for n in range(20))
    assert {answer.status for answer in await asyncio.gather(*changes)} == {200}
    name = (await stored(service))["name"]
    assert name != "Ada"
    for each in answers:
        session = await service.get("/get-session", browser(each))
        assert session.json()["user"]["name"] == name
    if storage is not None:
        await storage.close()
