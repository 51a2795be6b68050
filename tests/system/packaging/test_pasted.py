"""What the documents print works when it is pasted."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.bridge import Settings
from tests.support.pages import block, blocks
from tests.system.js_client.service import inherited

from .conftest import HERE, Scene, served
from .environments import ROOT, built_wheel, environment, pasted
from .people import ask

pytestmark = pytest.mark.xdist_group("published")

SECRET = "a-test-secret-of-more-than-32-bytes!"


def test_two_lines_in_a_new_fastapi_project(shared_secret: Scene, tmp_path: Path) -> None:
    project = block("README.md", "Verify in Python", "python")
    ann, bob = shared_secret.ann, shared_secret.bob
    with served(project, "fastapi", shared_secret.environ, tmp_path) as api:
        assert ask(f"{api}/me", ann.bearer).json() == {"id": ann.id, "email": "ann@example.com"}
        assert ask(f"{api}/me").status == 401
        assert ask(f"{api}/api/{ann.id}/tasks", ann.bearer).status == 200
        assert ask(f"{api}/api/{bob.id}/tasks", ann.bearer).status == 403


def test_the_same_two_lines_stand_everywhere() -> None:
    lines = block("README.md", "Verify in Python", "python")
    assert block("docs/bridge.md", "FastAPI", "python") == lines
    assert block("app/bridge/README.md", "better-auth-bridge", "python") == lines


def test_the_lines_for_litestar(shared_secret: Scene, tmp_path: Path) -> None:
    lines = block("docs/bridge.md", "Litestar", "python")
    ann, bob = shared_secret.ann, shared_secret.bob
    with served(lines, "litestar", shared_secret.environ, tmp_path) as api:
        assert ask(f"{api}/me", ann.bearer).json() == {"id": ann.id, "email": "ann@example.com"}
        assert ask(f"{api}/api/{ann.id}/tasks", ann.bearer).json() == [ann.id]
        assert ask(f"{api}/api/{bob.id}/tasks", ann.bearer).status == 403


def test_the_lines_for_a_consumers_own_tests() -> None:
    lines = block("docs/bridge.md", "In your tests", "python")
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
    lines = block("docs/bridge.md", "Anything else", "python")
    script = f"""{lines}
from better_auth_bridge.testing import sign

good = sign("ann", claims={{"iss": "http://localhost:8000"}}, secret="{SECRET}")
assert caller([f"Bearer {{good}}"]).id == "ann"
assert caller([])[:2] == (401, {{"WWW-Authenticate": "Bearer"}})
"""
    run(script, "")


def test_the_lines_that_set_it_in_code() -> None:
    lines = block("docs/bridge.md", "Settings in code", "python")
    script = f"""import os
os.environ |= {{"NEW_SECRET": "{SECRET}", "OLD_SECRET": "{SECRET[::-1]}"}}
{lines}
from better_auth_bridge.testing import sign
from consumer_fastapi import app
from fastapi.testclient import TestClient

for secret in secrets:
    token = sign("ann", claims={{"iss": "https://app.example.com"}}, secret=secret)
    headers = {{"Authorization": f"Bearer {{token}}"}}
    assert TestClient(app).get("/me", headers=headers).json()["id"] == "ann"
"""
    run(script, "fastapi", "httpx")


def test_the_ways_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "better-auth-python").symlink_to(ROOT)
    of_wheel = block("app/bridge/README.md", "better-auth-bridge", "sh").splitlines()
    made, of_checkout = block(
        "docs/bridge.md", "The bridge: who is calling a Python API", "sh"
    ).splitlines()
    assert made.startswith("make wheel ")
    for number, line in enumerate((*of_wheel, of_checkout)):
        folder = tmp_path / f"api{number}"
        (folder / "dist").mkdir(parents=True)
        shutil.copy(built_wheel(), folder)
        shutil.copy(built_wheel(), folder / "dist")
        python = pasted(line, folder)
        probe = "import better_auth_bridge.fastapi as found; print(found.__file__)"
        done = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
        assert done.stdout.startswith(str(folder)), done.stderr


@pytest.mark.parametrize("framework", ["fastapi", "litestar"])
def test_the_lines_that_tell_a_bad_setting_in_one(framework: str, tmp_path: Path) -> None:
    lines = block("docs/bridge.md", "Settings in code", "python", 1)
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
    page = blocks("docs/bridge.md")
    printed = [each.text for each in page if (each.section, each.language) == (section, "sh")]
    assert printed
    for lines in printed:
        settings = Settings.from_env(variables(lines))
        assert settings.mode == mode
        assert settings.live == (section == "Sessions that end at once")


def variables(lines: str) -> Mapping[str, str]:
    pairs = (line.split("#")[0].strip().partition("=") for line in lines.splitlines())
    return {name: value.replace("…", SECRET) for name, _, value in pairs}
