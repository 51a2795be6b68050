"""What a database of one's own has rules for, and what the log says when they refuse."""

import logging

import pytest

from app.models.telemetry.log_events import Fact
from app.storage.database import Database
from tests.support.additional import grown
from tests.support.service import EMAIL, PASSWORD, Service, browser, serve

pytestmark = pytest.mark.anyio

WORDS = "database refused a value"


def reasons(caplog: pytest.LogCaptureFixture) -> list[Fact]:
    return [line.__dict__["facts"]["reason"] for line in caplog.records if line.message == WORDS]


async def forbid(service: Service, says: str, event: str = "INSERT ON") -> None:
    """A trigger that raises."""
    if service.database.dialect == "sqlite":
        await service.execute(
            f'CREATE TRIGGER no_more BEFORE {event} "user"'
            f" BEGIN SELECT RAISE(ABORT, '{says}'); END"
        )
        return
    await service.execute(
        "CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{says}'; END $$"
    )
    await service.execute(
        f'CREATE TRIGGER no_more BEFORE {event} "user" FOR EACH ROW EXECUTE FUNCTION no_more()'
    )


async def test_log_has_the_words_of_a_trigger(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    service = await serve(database)
    await forbid(service, "this tenant is full")
    answer = await service.sign_up()
    assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_CREATE_USER")
    assert reasons(caplog) == ["this tenant is full"]


async def test_log_has_the_words_of_a_trigger_for_a_change(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    service = await serve(database)
    ada = browser(await service.sign_up())
    await forbid(service, "names are final", "UPDATE ON")
    answer = await service.post("/update-user", {"name": "Augusta"}, ada)
    assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_UPDATE_USER")
    assert reasons(caplog) == ["names are final"]


async def test_log_names_the_constraint(
    postgres_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    service = await serve(postgres_database)
    await service.execute('ALTER TABLE "user" ADD CONSTRAINT short CHECK (length(name) < 5)')
    answer = await service.sign_up(name="Augusta Ada King")
    assert (answer.status, answer.json()["code"]) == (422, "FAILED_TO_CREATE_USER")
    (reason,) = reasons(caplog)
    assert reason == 'new row for relation "user" violates check constraint "short"'


async def test_log_has_no_value_whatever_a_trigger_says(
    postgres_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    service = await serve(postgres_database)
    await service.execute(
        "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'no room for % of %, ask boss@example.org', NEW.name, NEW.email"
        " USING DETAIL = NEW.id; END $$"
    )
    await service.execute(
        'CREATE TRIGGER tell BEFORE INSERT ON "user" FOR EACH ROW EXECUTE FUNCTION tell()'
    )
    assert (await service.sign_up(name="Augusta")).status == 422
    assert reasons(caplog) == ["no room for … of …, ask …"]
    assert EMAIL not in caplog.text
    assert "Augusta" not in caplog.text
    assert PASSWORD not in caplog.text


async def test_names_of_the_database_are_told_though_they_are_values_too(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with grown(postgres_url) as service:
        await service.execute("ALTER TABLE \"user\" ADD CONSTRAINT c CHECK (name <> 'user')")
        assert (await service.sign_up(name="user", since="2026-01-01")).status == 422
    assert reasons(caplog) == ['new row for relation "user" violates check constraint "c"']
    assert [line.levelno for line in caplog.records if line.message == WORDS] == [logging.WARNING]
