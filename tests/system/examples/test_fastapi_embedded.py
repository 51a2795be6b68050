"""One process, from the sign-up of the official client to the user's tasks."""

from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from tests.support.postgres import new_database
from tests.support.pyright import run_pyright
from tests.system.js_client.flow import Result, run_flow

from . import fastapi_embedded
from .fastapi_embedded import BUILT, ENTERED, EXAMPLE, SERVED

pytestmark = pytest.mark.xdist_group("fastapi-embedded")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fastapi_embedded.install(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def result(
    request: pytest.FixtureRequest, installed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Result]:
    """What the flow of the official client got, on the database of `.env`, and on another."""
    logs = tmp_path_factory.mktemp("logs")
    if request.param == "sqlite":
        with fastapi_embedded.running(installed, logs) as service:
            yield run_flow(service, "embedded_tasks")
        return
    with (
        new_database(request.getfixturevalue("postgres_server")) as url,
        fastapi_embedded.running(installed, logs, DATABASE_URL=url) as service,
    ):
        yield run_flow(service, "embedded_tasks")


def test_readme_builds_the_wheel_and_starts_one_process() -> None:
    assert (BUILT, ENTERED) == ("make wheel", "cd examples/fastapi-embedded")
    assert SERVED == ".venv/bin/uvicorn main:app"


def test_pyright_is_strict_and_finds_nothing(installed: Path, tmp_path: Path) -> None:
    python = installed / ".venv" / "bin" / "python"
    said = run_pyright(python, tmp_path, [installed / "main.py"])
    assert said.startswith("0 errors, 0 warnings"), said


def test_it_is_one_file_of_less_than_120_lines() -> None:
    (file,) = EXAMPLE.glob("*.py")
    assert len(file.read_text().splitlines()) < 120


def test_a_user_signs_up_and_gets_a_token(result: Result) -> None:
    assert result["signedUp"]["error"] is None
    claims = jwt.decode(result["token"]["data"]["token"], options={"verify_signature": False})
    assert claims["sub"] == result["signedUp"]["data"]["user"]["id"]


def test_profile_is_there_after_the_sign_up(result: Result) -> None:
    assert result["profile"] == {"status": 200, "body": {"greeting": "Hello Ada Lovelace"}}


def test_a_user_makes_changes_and_deletes_a_task(result: Result) -> None:
    created = result["created"]
    assert created["status"] == 201
    task = created["body"]
    assert (task["title"], task["completed"]) == ("Write the flow", False)
    assert result["listed"] == {"status": 200, "body": [task]}
    assert result["completed"] == {"status": 200, "body": {**task, "completed": True}}
    assert (result["removed"]["status"], result["removedAgain"]["status"]) == (204, 404)


def test_tasks_and_profile_of_another_user_are_refused(result: Result) -> None:
    assert result["listOfAnother"]["status"] == 403
    assert result["profileOfAnother"]["status"] == 403


def test_nobody_without_a_session_gets_in(result: Result) -> None:
    assert result["anonymous"]["status"] == 401
