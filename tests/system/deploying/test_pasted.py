"""The lines of `docs/deploying.md` for Docker, as somebody pastes them."""

import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec import Struct

from app.settings.dotenv import parse_dotenv
from tests.support.pages import ROOT, block
from tests.support.programs import free_port

from .container import Container, wait_until_it_answers
from .podman import COMPOSE, podman, write_program

pytestmark = pytest.mark.xdist_group("image")  # as in test_image.py

_PROJECT = "better-auth-pasted"
# Docker, by Podman. The image is built already; compose.yaml needs images that are not here.
_DOCKER = """#!/bin/bash
set -euo pipefail
case "$*" in
  "build --tag better-auth-python .") exec {podman} tag {image} better-auth-python ;;
  "compose up --detach") exec {compose} --podman-path {podman} config ;;
  compose*cp*) exec {podman} cp "{project}_auth_1:${{5#auth:}}" "$6" ;;
  "compose "*exec*) exec {compose} --podman-path {podman} "${{@:2:3}}" -T "${{@:5}}" ;;
  compose*) exec {compose} --podman-path {podman} "${{@:2}}" ;;
  *) exec {podman} "$@" ;;
esac
"""


class Place(Struct, frozen=True):
    """A folder with the compose files, and what `docker` is there."""

    folder: Path
    port: int

    def paste(self, lines: str) -> str:
        """What they print."""
        lines = lines.replace("127.0.0.1:8000:", f"127.0.0.1:{self.port}:")
        lines = lines.replace("--name auth", f"--name {_PROJECT}")
        lines = lines.replace("auth:/data ", f"{_PROJECT}:/data ")
        command = ["bash", "-euo", "pipefail", "-c", f"PATH={self.folder}:$PATH\n{lines}"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def place(image: str, tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path, free_port())
    own = write_program(tmp_path / "podman")
    docker = tmp_path / "docker"
    docker.write_text(_DOCKER.format(compose=COMPOSE, podman=own, image=image, project=_PROJECT))
    docker.chmod(0o755)
    for name in ("compose.yaml", "compose.sqlite.yaml"):
        text = re.sub(
            "^name: .*", f"name: {_PROJECT}", (ROOT / name).read_text(), flags=re.MULTILINE
        )
        text = text.replace("image: better-auth-python", f"image: {image}")
        (tmp_path / name).write_text(text.replace("127.0.0.1:8000", f"127.0.0.1:{place.port}"))
    yield place
    podman("rm", "--force", "--time=0", _PROJECT, fails=True)
    podman("volume", "rm", "--force", _PROJECT, fails=True)
    place.paste("docker compose --file compose.sqlite.yaml down --volumes --timeout=1")


def test_lines_for_compose_start_the_service_and_copy_its_data(place: Place) -> None:
    assert len(place.paste(block("docs/deploying.md", "The image", "sh"))) > 32
    place.paste(block("docs/deploying.md", "Compose", "sh"))
    written = dict(parse_dotenv((place.folder / ".env").read_text()))
    assert written.keys() == {"BETTER_AUTH_SECRET", "POSTGRES_PASSWORD"}
    up, check = block("docs/deploying.md", "Compose", "sh", 1).splitlines()
    place.paste(up)
    wait_until_it_answers(Container(f"{_PROJECT}_auth_1", place.port))
    assert "The schema is current." in place.paste(check)
    place.paste(block("docs/deploying.md", "What to back up", "sh"))
    with closing(sqlite3.connect(place.folder / "backup.db")) as copy:
        assert copy.execute('SELECT count(*) FROM "user"').fetchone() == (0,)


def test_lines_for_the_image_start_the_service(place: Place) -> None:
    place.paste(block("docs/deploying.md", "The image", "sh"))
    place.paste('echo "BETTER_AUTH_SECRET=$(docker run --rm better-auth-python secret)" > .env')
    place.paste(block("docs/deploying.md", "The image", "sh", 1))
    wait_until_it_answers(Container(_PROJECT, place.port))
