"""The image of `Dockerfile` is small, tight and runs what the README prints."""

import json
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.pages import block
from tests.support.secret import STRONG_SECRET

from .container import Container, started, volume, wait_until_it_answers
from .podman import podman

pytestmark = pytest.mark.xdist_group("image")  # it is built once

_MEBIBYTE = 1024 * 1024
_SECRET = {"BETTER_AUTH_SECRET": STRONG_SECRET}
_IMPORTS = """
import importlib, pkgutil, app
SKIPPED = ("app.bridge.fastapi", "app.__main__", "app.server.telemetry.exporting")
SKIPPED += ("app.server.telemetry.otel_spans", "app.server.telemetry.traced_requests")
for each in pkgutil.walk_packages(app.__path__, "app."):
    if not each.name.startswith(SKIPPED):
        importlib.import_module(each.name)
"""
_PERSON = {"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"}


def test_image_is_small_and_is_not_run_by_root(image: str) -> None:
    (found,) = json.loads(podman("image", "inspect", image))
    assert found["Size"] < 200 * _MEBIBYTE
    assert found["Config"]["User"] == "10001:10001"
    assert "Volumes" not in found["Config"], "Railway refuses VOLUME"


def test_image_holds_no_compiler_no_pip_and_nothing_of_the_checkout(image: str) -> None:
    tools = "for each in gcc cc c++ clang ld as strip make pip pip3; do command -v $each; done"
    files = (
        "ls -A /app /data; find /app/app -name '.*' -o -name '*.db'; id -u; touch /app/x /data/x"
    )
    said = podman(
        "run", "--rm", "--entrypoint=sh", image, "-c", f"{tools}; {files}; true", fails=True
    )
    expected = "/app:\n.venv\napp\n\n/data:\n10001\n"
    assert said.startswith(expected), said
    assert "'/app/x': Permission denied" in said
    assert "'/data/x'" not in said


def test_every_module_is_there_with_what_it_imports(image: str) -> None:
    """`Dockerfile` leaves packages out. Those that send traces come with a build argument."""
    podman("run", "--rm", "--read-only", "--entrypoint=python", image, "-c", _IMPORTS)


def test_without_a_secret_it_ends_with_one_line(image: str) -> None:
    said = podman("run", "--rm", "--read-only", image, fails=True)
    assert said.startswith("BETTER_AUTH_SECRET")
    assert said.count("\n") == 1


def test_commands_are_run_instead_of_the_service(image: str) -> None:
    assert len(podman("run", "--rm", "--read-only", image, "secret")) >= 32


def test_lines_of_the_readme_work_and_its_data_survives_a_restart(
    image: str, tmp_path: Path
) -> None:
    with volume() as data:
        with started(image, _SECRET, data) as first:
            wait_until_it_answers(first)
            assert podman("healthcheck", "run", first.name) == ""
            printed = _paste(block("README.md", "Try it", "sh"), first, tmp_path)
            assert '"email":"alan@example.com"' in printed
            assert printed.count('"title":"Buy milk"') == 2
            first.send_sigterm()
            assert first.wait() == 0, first.read_log()
        with started(image, _SECRET, data) as second:
            wait_until_it_answers(second)
            line = "curl -b jar.txt http://localhost:8000/api/auth/get-session"
            assert '"email":"alan@example.com"' in _paste(line, second, tmp_path)


def test_sigterm_lets_a_request_finish(image: str) -> None:
    body = json.dumps(_PERSON).encode()
    head = b"POST /api/auth/sign-up/email HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n"
    with volume() as data, started(image, _SECRET, data) as container:
        wait_until_it_answers(container)
        with socket.create_connection(("127.0.0.1", container.port), 10) as client:
            client.sendall(head + b"content-length: %d\r\n\r\n" % len(body) + body[:10])
            container.send_sigterm()
            client.sendall(body[10:])
            assert client.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
        assert container.wait() == 0


def test_waiting_for_its_database_it_is_unhealthy_and_ends_on_sigterm(image: str) -> None:
    away = "postgresql://u:p@127.0.0.1:1/auth"
    given = {**_SECRET, "DATABASE_URL": away, "DATABASE_WAIT": 60}
    with started(image, given) as container:
        while "waiting for it" not in container.read_log():
            time.sleep(0.1)
        assert "unhealthy" in podman("healthcheck", "run", container.name, fails=True)
        container.send_sigterm()
        assert container.wait() == 0


def _paste(script: str, container: Container, folder: Path) -> str:
    script = script.replace("http://localhost:8000", container.url)
    command = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stderr}{container.read_log()[-2000:]}"
    return done.stdout
