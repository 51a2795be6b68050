"""What the README prints works when it is pasted."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pages import block
from tests.system.js_client.service import Service, running

_ROOT = Path(__file__).parents[2]
_README = (_ROOT / "README.md").read_text()
_EXAMPLE = (_ROOT / "examples" / "fastapi-tasks" / "README.md").read_text()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(f"sqlite+aiosqlite:///{tmp_path / 'auth.db'}", tmp_path) as service:
        yield service


def test_the_curl_lines_sign_up_and_list_the_task_they_made(
    service: Service, tmp_path: Path
) -> None:
    printed = _paste(service, tmp_path)
    assert '"email":"alan@example.com"' in printed
    assert printed.count('"title":"Buy milk"') == 2, "made, then listed"


def test_nobody_of_the_readmes_and_of_the_docs_page_signs_up_twice() -> None:
    """Each can be tried after the others."""
    page = json.loads((_ROOT / "openapi.json").read_text())["paths"]["/api/auth/sign-up/email"]
    examples = page["post"]["requestBody"]["content"]["application/json"]["examples"]
    there = [example["value"]["email"] for example in examples.values()]
    here = re.findall(r'"?email"?: "([^"]+)"', _README + _EXAMPLE)
    assert len(here) == 3, here
    assert len({*here, *there}) == len(here) + len(there)


def test_the_python_lines_verify_a_token_of_the_service(service: Service, tmp_path: Path) -> None:
    token = _paste(service, tmp_path, 'echo "token=$TOKEN"').rpartition("token=")[2]
    lines = block("docs/bridge.md", "Without the package", "python")
    script = f"import sys\ntoken = sys.argv[1]\n{lines}\nprint(claims['email'])"
    environment = {**os.environ, "BETTER_AUTH_SECRET": service.secret}
    command = [sys.executable, "-c", script, token.strip()]
    assert _printed(command, environment=environment) == "alan@example.com\n"


def test_the_python_lines_verify_a_token_with_the_public_keys(tmp_path: Path) -> None:
    with running("sqlite:///auth.db", tmp_path, BETTER_AUTH_JWT_ALG="EdDSA") as service:
        printed = _paste(service, tmp_path, 'echo "token=$TOKEN"')
        lines = block("docs/bridge.md", "Without the package", "python", 1)
        script = f"import sys\ntoken = sys.argv[1]\n{lines}\nprint(claims['email'])"
        script = script.replace("http://localhost:8000", service.url)
        command = [sys.executable, "-c", script, printed.rpartition("token=")[2].strip()]
        assert _printed(command) == "alan@example.com\n"


def test_commands_without_make_are_those_of_the_makefile() -> None:
    """Apart from what silences pip."""
    windows = block("README.md", "Better Auth in Python", "powershell").replace(
        ".venv\\Scripts\\python", "$(venv)"
    )
    made = (_ROOT / "Makefile").read_text().replace("$<", "requirements.txt")
    made = made.replace(" --quiet", "").replace(" --disable-pip-version-check", "")
    made = made.replace("$(PYTHON)", "py")
    for line in windows.splitlines():
        assert re.search(rf"^\t@(exec )?{re.escape(line)}$", made, re.MULTILINE), line


def _paste(service: Service, folder: Path, more: str = "") -> str:
    script = block("README.md", "Try it", "sh").replace("http://localhost:8000", service.url)
    command = ["bash", "-euo", "pipefail", "-c", f"{script}\n{more}"]
    return _printed(command, folder=folder)


def _printed(
    command: list[str], *, folder: Path | None = None, environment: dict[str, str] | None = None
) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
