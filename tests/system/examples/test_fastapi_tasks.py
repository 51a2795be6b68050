"""Who gets at whose tasks in the example, and what it says when it can't answer."""

import sqlite3
import subprocess
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.support.postgres import running_postgres
from tests.system.js_client import service
from tests.system.packaging.people import PASSWORD, ask, sign_up

from . import fastapi_tasks
from .conftest import Scene, scene_on
from .fastapi_tasks import EXAMPLE

pytestmark = pytest.mark.xdist_group("fastapi-tasks")

ONE_TASK = [
    ("GET", "", None),
    ("PATCH", "", {"title": "Mine now"}),
    ("PATCH", "/complete", {"completed": True}),
    ("DELETE", "", None),
]


def test_it_is_one_file_of_less_than_120_lines() -> None:
    (file,) = EXAMPLE.glob("*.py")
    assert len(file.read_text().splitlines()) < 120


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer made.up.token"])
def test_nobody_without_a_token_gets_in(scene: Scene, authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    refused = scene.example.client.get(f"/api/{scene.ann.id}/tasks", headers=headers)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path", "body"), ONE_TASK)
def test_nobody_reads_or_changes_the_task_of_somebody_else(
    scene: Scene, method: str, path: str, body: object
) -> None:
    made = scene.example.make(scene.ann)
    task = f"/{made['id']}"
    foreign_path = scene.example.send(scene.bob, method, task + path, body, of=scene.ann.id)
    own_path = scene.example.send(scene.bob, method, task + path, body)
    assert (foreign_path.status_code, own_path.status_code) == (403, 404)
    assert scene.example.send(scene.ann, "GET", task).json() == made


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", {"title": "For you"})])
def test_nobody_lists_or_makes_tasks_for_somebody_else(
    scene: Scene, method: str, body: object
) -> None:
    refused = scene.example.send(scene.bob, method, "", body, of=scene.ann.id)
    assert refused.status_code == 403
    titles = {each["title"] for each in scene.example.send(scene.ann, "GET").json()}
    assert "For you" not in titles


def test_a_user_id_in_the_body_counts_for_nothing(scene: Scene) -> None:
    made = scene.example.make(scene.bob, user_id=scene.ann.id, id=1)
    assert made["user_id"] == scene.bob.id


def test_whose_user_was_deleted_makes_no_task(scene: Scene) -> None:
    url = str(scene.served.client.base_url).rstrip("/")
    cid = sign_up(url, "Cid")
    done = ask(f"{url}/api/auth/delete-user", {"cookie": cid.cookie}, {"password": PASSWORD})
    assert done.status == 200, done.body
    assert scene.example.send(cid, "POST", "", {"title": "Too late"}).status_code == 401


@pytest.mark.parametrize("task_id", ["0", "2147483647"])
def test_a_number_that_no_task_has_is_404(scene: Scene, task_id: str) -> None:
    assert scene.example.send(scene.ann, "GET", f"/{task_id}").status_code == 404


def test_pages_of_trusted_origins_alone_may_ask(scene: Scene) -> None:
    trusted, foreign = (
        scene.example.client.options(
            f"/api/{scene.ann.id}/tasks/1",
            headers={
                "origin": origin,
                "access-control-request-method": "PATCH",
                "access-control-request-headers": "authorization,content-type",
            },
        )
        for origin in (service.PAGE, "https://evil.example")
    )
    assert trusted.headers["access-control-allow-origin"] == service.PAGE
    assert "access-control-allow-origin" not in foreign.headers


def test_a_file_that_is_away_is_503_until_it_is_back(tmp_path: Path) -> None:
    file = tmp_path / "auth.db"
    with scene_on(f"sqlite:///{file}", tmp_path) as scene:
        moved = file.rename(tmp_path / "elsewhere.db")
        away = scene.example.send(scene.ann, "GET")
        assert (away.status_code, file.exists()) == (503, False)
        assert away.json() == {"detail": "The database can't answer just now"}
        moved.rename(file)
        assert scene.example.send(scene.ann, "GET").status_code == 200


def test_a_server_that_is_away_is_503(tmp_path: Path) -> None:
    with ExitStack() as server:
        url = server.enter_context(running_postgres())
        with scene_on(url, tmp_path) as scene:
            assert scene.example.send(scene.ann, "GET").status_code == 200
            server.close()
            for _ in range(2):
                assert scene.example.send(scene.ann, "GET").status_code == 503


def test_it_makes_no_table_and_says_who_does(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "auth.db")) as db:
        db.execute("create table users (id)")
    assert refused(f"sqlite:///{tmp_path / 'auth.db'}", tmp_path) == (
        "no such table: tasks: see TASK_API in the README"
    )
    with closing(sqlite3.connect(tmp_path / "auth.db")) as db:
        assert db.execute("select name from sqlite_schema").fetchall() == [("users",)]


def test_it_makes_no_file(tmp_path: Path) -> None:
    said = refused(f"sqlite:///{tmp_path / 'auth.db'}", tmp_path)
    assert said == "unable to open database file: see TASK_API in the README"
    assert list(tmp_path.iterdir()) == []


def test_it_says_on_one_line_that_postgresql_has_no_table(postgres_server: str) -> None:
    assert refused(postgres_server, EXAMPLE) == (
        'relation "tasks" does not exist: see TASK_API in the README'
    )


def refused(database_url: str, folder: Path) -> str:
    """What it says when it does not start."""
    settings = {
        "BETTER_AUTH_SECRET": service.SECRET,
        "BETTER_AUTH_URL": "http://localhost:8000",
        "DATABASE_URL": database_url,
    }
    command = [str(fastapi_tasks.python()), "-m", "uvicorn", *fastapi_tasks.arguments(0)]
    own = fastapi_tasks.environ(settings)
    done = subprocess.run(command, env=own, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    return done.stderr.strip()
