"""`compose.yaml` and `compose.sqlite.yaml`, read by a program that reads such files."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from app.server.plugins import VARIABLES, read_settings
from tests.support.programs import free_port
from tests.support.secret import STRONG_SECRET

from .container import Container, started, wait_until_it_answers
from .ending import LONGEST
from .podman import COMPOSE, ROOT, podman, write_program
from .relay import relayed

pytestmark = [
    pytest.mark.xdist_group("image"),  # as in test_image.py
    pytest.mark.usefixtures("podman_is_here"),
]

Services = dict[str, dict[str, Any]]
FILES = ("compose.yaml", "compose.sqlite.yaml")
_GIVEN = {"BETTER_AUTH_SECRET": STRONG_SECRET, "POSTGRES_PASSWORD": "letters-and_digits123"}


@pytest.fixture(scope="module", params=FILES)
def services(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """Those of the file, with the variables of .env put in."""
    return _read(str(request.param), tmp_path_factory.mktemp("compose"))


@pytest.mark.parametrize(
    ("name", "variable"), [*((FILES[0], each) for each in _GIVEN), (FILES[1], "BETTER_AUTH_SECRET")]
)
def test_each_secret_is_asked_for_by_name(name: str, variable: str, tmp_path: Path) -> None:
    file = Path(shutil.copy(ROOT / name, tmp_path))
    _write_env(tmp_path, {**_GIVEN, variable: ""})
    done = _compose(file, "config")
    assert done.returncode != 0
    assert f"variable {variable} is missing a value: write it into .env" in done.stderr


def test_variables_of_the_service_are_settings(services: Services) -> None:
    given = services["auth"]["environment"]
    assert given.keys() <= VARIABLES.options.keys()
    settings = read_settings({name: str(text) for name, text in given.items()}, dotenv=None)
    assert (settings.host, settings.port) == ("0.0.0.0", 8000)  # noqa: S104  # in a container


def test_service_gets_the_time_that_it_drains_for(services: Services) -> None:
    grace = services["auth"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > LONGEST


def test_only_the_service_has_a_port_and_only_on_this_machine(services: Services) -> None:
    ports = {name: each["ports"] for name, each in services.items() if "ports" in each}
    assert ports == {"auth": ["127.0.0.1:8000:8000"]}


def test_stores_have_the_names_and_the_password_of_the_urls(tmp_path: Path) -> None:
    services = _read("compose.yaml", tmp_path)
    given, database = services["auth"]["environment"], services["db"]["environment"]
    url = urlsplit(given["DATABASE_URL"])
    assert services.keys() - {"auth"} == {url.hostname, urlsplit(given["REDIS_URL"]).hostname}
    assert url.username == database["POSTGRES_USER"]
    assert url.password == database["POSTGRES_PASSWORD"] == _GIVEN["POSTGRES_PASSWORD"]
    assert url.path == f"/{database['POSTGRES_DB']}"


def test_sqlite_file_starts_the_service_with_the_settings_of_env(
    image: str, tmp_path: Path
) -> None:
    with _running(image, tmp_path) as container:
        wait_until_it_answers(container)
        command = ("exec", container.name, ".venv/bin/python", "-m", "app", "migrate", "--check")
        assert "The schema is current." in podman(*command, fails=True)
        assert container.stop() == 0
        lines = [each for each in container.read_log().splitlines() if each.startswith("{")]
        assert "HEAD" in [json.loads(each).get("method") for each in lines], "LOG_FORMAT=json"


def test_service_serves_with_postgresql_redis_and_two_workers(
    image: str, empty_postgres_url: str, redis_url: str, tmp_path: Path
) -> None:
    variables = _read("compose.yaml", tmp_path)["auth"]["environment"]
    database, redis = urlsplit(empty_postgres_url), urlsplit(redis_url)
    folder = parse_qs(database.query)["host"][0]
    with relayed(f"{folder}/.s.PGSQL.5432") as sql, relayed(redis.path) as cache:
        port, secret = free_port(), tmp_path / "secret"
        secret.write_text(f"{variables.pop('BETTER_AUTH_SECRET')}\n")
        variables |= {
            "BETTER_AUTH_SECRET_FILE": "/run/secrets/better_auth",
            "DATABASE_URL": f"postgresql://postgres:x@127.0.0.1:{sql}{database.path}",
            "REDIS_URL": f"redis://127.0.0.1:{cache}/{parse_qs(redis.query)['db'][0]}",
            "PORT": str(port),
            "WORKERS": "2",
        }
        mounted = f"--volume={secret}:/run/secrets/better_auth:ro"
        with started(image, variables, "--network=host", mounted, port=port) as container:
            wait_until_it_answers(container)
            assert podman("healthcheck", "run", container.name) == ""
            container.send_sigterm()
            assert container.wait() == 0, container.read_log()


@contextmanager
def _running(image: str, folder: Path) -> Iterator[Container]:
    """The service of compose.sqlite.yaml, which takes .env beside it."""
    name, port = f"better-auth-{folder.name.replace('_', '-')}", free_port()
    text = (ROOT / "compose.sqlite.yaml").read_text()
    text = text.replace("name: better-auth-sqlite", f"name: {name}")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    text = text.replace("image: better-auth-python", f"image: {image}")
    file = folder / "compose.yaml"
    file.write_text(text)
    _write_env(folder, {"BETTER_AUTH_SECRET": STRONG_SECRET, "LOG_FORMAT": "json"})
    try:
        done = _compose(file, "up", "--detach", "--no-build")
        assert done.returncode == 0, done.stderr
        yield Container(f"{name}_auth_1", port)
    finally:
        _compose(file, "down", "--volumes", "--timeout=1")


def _read(name: str, folder: Path) -> Services:
    file = Path(shutil.copy(ROOT / name, folder))
    _write_env(folder, _GIVEN)
    done = _compose(file, "config")
    assert done.returncode == 0, done.stderr
    found: Services = yaml.safe_load(done.stdout)["services"]
    return found


def _write_env(folder: Path, given: Mapping[str, str]) -> None:
    (folder / ".env").write_text("".join(f"{name}={text}\n" for name, text in given.items()))


def _compose(file: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    own = write_program(file.parent / "podman")
    command = [COMPOSE, "--podman-path", str(own), "--file", str(file), *arguments]
    return subprocess.run(command, cwd=file.parent, capture_output=True, text=True, check=False)
