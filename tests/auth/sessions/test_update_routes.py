"""/update-session."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from tests.support.additional import grown
from tests.support.service import Service, browser, serving
from tests.support.tables import sessions

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with grown(database_url) as made:
        yield made


@pytest.mark.engines("sqlite", "postgres")
async def test_fields_change_and_the_session_is_answered(service: Service) -> None:
    ada = browser(await service.sign_up())
    before = (await service.get("/get-session", ada)).json()["session"]
    answer = await service.post("/update-session", {"theme": "dark", "width": 3}, ada)
    changed = answer.json()["session"]
    assert changed == {
        **before,
        "theme": "dark",
        "width": 3,
        "updatedAt": changed["updatedAt"],
    }
    assert list(changed) == list(before)
    assert changed["updatedAt"] > before["updatedAt"]
    assert (await service.get("/get-session", ada)).json()["session"] == changed


@pytest.mark.engines("sqlite", "postgres")
async def test_new_session_begins_with_the_defaults(service: Service) -> None:
    ada = browser(await service.sign_up())
    session = (await service.get("/get-session", ada)).json()["session"]
    assert (session["theme"], session["locked"]) == ("light", None)
    assert await service.database.read_all(text("SELECT hidden FROM session")) == [("h",)]
    (listed,) = (await service.get("/list-sessions", ada)).json()
    assert listed == session


@pytest.mark.engines("sqlite", "postgres")
async def test_hidden_field_is_written_and_not_shown(service: Service) -> None:
    ada = browser(await service.sign_up())
    answer = await service.post("/update-session", {"hidden": "x"}, ada)
    assert "hidden" not in answer.json()["session"]
    assert await service.database.read_all(text("SELECT hidden FROM session")) == [("x",)]


@pytest.mark.engines("sqlite", "postgres")
async def test_cookie_is_sent_anew(service: Service) -> None:
    signed_up = await service.sign_up()
    answer = await service.post("/update-session", {"theme": "dark"}, browser(signed_up))
    assert answer.header_list("set-cookie") == signed_up.header_list("set-cookie")


async def test_field_that_clients_may_not_set_is_refused(service: Service) -> None:
    """PR #9965: nobody sets what is for plugins, such as `impersonatedBy`."""
    answer = await service.post(
        "/update-session", {"locked": "x"}, browser(await service.sign_up())
    )
    assert (answer.status, answer.json()["code"]) == (400, "FIELD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "body", [{}, {"impersonatedBy": "x"}, {"expiresAt": "2099-01-01"}, {"userId": "x"}]
)
async def test_no_other_field_can_be_set(service: Service, body: object) -> None:
    """PR #9965, too."""
    ada = browser(await service.sign_up())
    before = await service.rows(sessions)
    answer = await service.post("/update-session", body, ada)
    assert (answer.status, answer.json()) == (400, {"message": "No fields to update"})
    assert await service.rows(sessions) == before


async def test_without_additional_fields_there_is_nothing_to_change(sqlite_url: str) -> None:
    async with serving(sqlite_url) as service:
        ada = browser(await service.sign_up())
        answer = await service.post("/update-session", {"theme": "dark"}, ada)
    assert (answer.status, answer.json()) == (400, {"message": "No fields to update"})


@pytest.mark.engines("sqlite", "postgres")
async def test_value_that_postgresql_cannot_keep_is_no_fault_of_ours(postgres_url: str) -> None:
    async with grown(postgres_url) as service:
        ada = browser(await service.sign_up())
        answer = await service.post("/update-session", {"width": "wide"}, ada)
    assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_UPDATE_SESSION")


async def test_session_that_ended_meanwhile_is_said_so(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with grown(sqlite_url) as service:
        ada = browser(await service.sign_up())

        async def gone(*arguments: object) -> None:
            return None

        monkeypatch.setattr("app.auth.sessions.database_store.DatabaseSessions.change", gone)
        answer = await service.post("/update-session", {"theme": "dark"}, ada)
    assert (answer.status, answer.json()["code"]) == (401, "FAILED_TO_GET_SESSION")
    assert all("Max-Age=0" in line for line in answer.header_list("set-cookie"))


@pytest.mark.parametrize("body", [[], "x", None])
async def test_body_must_be_a_record(service: Service, body: object) -> None:
    answer = await service.post("/update-session", body)
    assert answer.status == 400
    assert "expected record" in answer.json()["message"]
