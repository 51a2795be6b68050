"""A consumer's strict type checkers find nothing wrong, in the package or in its use."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import node

from .conftest import HERE
from .environments import ROOT, environment

pytestmark = pytest.mark.xdist_group("published")

CONSUMERS = sorted(HERE.glob("consumer_*.py"))
EXTRAS = "fastapi,litestar,jwks,database"
Mypy = Callable[..., str]


@pytest.fixture(scope="module")
def python() -> Path:
    return environment(EXTRAS, "mypy")


@pytest.fixture(scope="module")
def mypy(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Mypy:
    """What mypy says; it reads the libraries once for the tests of this module."""
    folder = tmp_path_factory.mktemp("mypy")
    command = [str(python), "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache")]
    return lambda *arguments: _said([*command, *map(str, arguments)], folder)


def test_mypy_strict_of_consumers(mypy: Mypy) -> None:
    said = mypy(*CONSUMERS)
    assert said.startswith("Success: no issues found in 3 source files"), said


def test_mypy_strict_of_what_the_services_own_check_passes_over(mypy: Mypy) -> None:
    said = mypy("-m", "better_auth_bridge.fastapi", "-m", "better_auth_bridge.fastapi_docs")
    assert said.startswith("Success: "), said


def test_mypy_strict_of_the_example(mypy: Mypy) -> None:
    said = mypy(ROOT / "examples" / "fastapi-tasks" / "main.py")
    assert said.startswith("Success: "), said


def test_pyright_strict_of_consumers(python: Path, tmp_path: Path) -> None:
    node.install(HERE)
    rules = {"typeCheckingMode": "strict", "include": [str(path) for path in CONSUMERS]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(rules))
    program = HERE / "node_modules" / "pyright" / "index.js"
    command = [node.node(), program, "--project", tmp_path, "--pythonpath", python]
    said = _said([str(part) for part in command], tmp_path)
    assert said.startswith("0 errors, 0 warnings"), said


def _said(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
