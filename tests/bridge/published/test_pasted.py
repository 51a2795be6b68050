"""What the documents print works when it is pasted."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.bridge import Settings
from tests.client.service import inherited

from .conftest import HERE, Scene, served
from .environments import ROOT, environment
from .people import ask

pytestmark = pytest.mark.xdist_group("published")

README = (ROOT / "README.md").read_text()
PACKAGE = (ROOT / "app" / "bridge" / "README.md").read_text()
BRIDGE = (ROOT / "docs" / "bridge.md").read_text()
SECRET = "a-test-secret-of-more-than-32-bytes!"


def blocks(document: str, section: str, language: str) -> list[str]:
    text = document.partition(f"\n## {section}\n")[2] or document.partition(f"\n### {section}\n")[2]
    text = re.split(r"^##", text, maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_two_lines_in_a_new_fastapi_project(shared_secret: Scene, tmp_path: Path) -> None:
    (lines,) = blocks(README, "Verify in Python", "python")
    project = f"from fastapi import FastAPI\n\napp = FastAPI()\n\n{lines}"
    ann, bob = shared_secret.ann, shared_secret.bob
    with served(project, "fastapi", shared_secret.environ, tmp_path) as api:
        assert ask(f"{api}/me", ann.bearer).json() == {"id": ann.id, "email": "ann@example.com"}
        assert ask(f"{api}/me").status == 401
        assert ask(f"{api}/api/{ann.id}/tasks", ann.bearer).status == 200
        assert ask(f"{api}/api/{bob.id}/tasks", ann.bearer).status == 403


def test_the_same_two_lines_stand_everywhere() -> None:
    (lines,) = blocks(README, "Verify in Python", "python")
    assert blocks(BRIDGE, "FastAPI", "python") == [lines]
    assert lines in PACKAGE


def test_the_lines_for_litestar(shared_secret: Scene, tmp_path: Path) -> None:
    (lines,) = blocks(BRIDGE, "Litestar", "python")
    ann, bob = shared_secret.ann, shared_secret.bob
    with served(lines, "litestar", shared_secret.environ, tmp_path) as api:
        assert ask(f"{api}/me", ann.bearer).json() == {"id": ann.id, "email": "ann@example.com"}
        assert ask(f"{api}/api/{ann.id}/tasks", ann.bearer).json() == [ann.id]
        assert ask(f"{api}/api/{bob.id}/tasks", ann.bearer).status == 403


def test_the_lines_for_a_consumers_own_tests() -> None:
    (lines,) = blocks(BRIDGE, "In your tests", "python")
    script = f"""{lines}
from consumer_fastapi import app
from fastapi.testclient import TestClient

client = TestClient(app)
assert client.get("/me", headers=headers).json()["id"] == "ann"
assert client.get("/api/bob/tasks", headers=headers).status_code == 403
assert client.get("/me", headers={{"Authorization": f"Bearer {{expired}}"}}).status_code == 401
with client.websocket_connect("/live", headers=headers) as socket:
    assert socket.receive_text() == "ann"
"""
    run(script, "fastapi", "httpx")


def test_the_lines_for_anything_else() -> None:
    (lines,) = blocks(BRIDGE, "Anything else", "python")
    script = f"""{lines}
from better_auth_bridge.testing import sign

good = sign("ann", claims={{"iss": "http://localhost:8000"}}, secret="{SECRET}")
assert caller([f"Bearer {{good}}"]).id == "ann"
assert caller([])[:2] == (401, {{"WWW-Authenticate": "Bearer"}})
"""
    run(script, "")


@pytest.mark.parametrize("framework", ["fastapi", "litestar"])
def test_the_lines_that_tell_a_bad_setting_in_one(framework: str, tmp_path: Path) -> None:
    _, lines = blocks(BRIDGE, "Settings in code", "python")
    (tmp_path / "main.py").write_text(f"{lines}\nfrom consumer_{framework} import app\n")
    own = inherited() | {"PYTHONPATH": str(HERE), "BETTER_AUTH_SECRET": "short"}
    command = [str(environment(framework, "uvicorn")), "-m", "uvicorn", "main:app", "--port", "0"]
    done = subprocess.run(
        command, env=own, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    (line,) = done.stderr.splitlines()
    assert line.startswith("the secret is shorter than 32 characters: ")
    assert done.returncode == 1


def run(script: str, *wanted: str) -> None:
    own = inherited() | {"PYTHONPATH": str(HERE), "BETTER_AUTH_SECRET": SECRET}
    command = [str(environment(*wanted)), "-c", script]
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("section", "mode"),
    [
        ("hs256: a shared secret", "hs256"),
        ("jwks: public keys", "jwks"),
        ("cookie: the session cookie", "cookie"),
        ("bearer: the session token", "bearer"),
        ("remote: asking the service", "remote"),
        ("Sessions that end at once", "hs256"),
    ],
)
def test_settings_as_they_are_printed(section: str, mode: str) -> None:
    printed = blocks(BRIDGE, section, "sh")
    assert printed
    for lines in printed:
        settings = Settings.from_env(variables(lines))
        assert settings.mode == mode
        assert settings.live == (section == "Sessions that end at once")


def variables(lines: str) -> Mapping[str, str]:
    pairs = (line.split("#")[0].strip().partition("=") for line in lines.splitlines())
    return {name: value.replace("…", SECRET) for name, _, value in pairs}
