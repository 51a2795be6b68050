"""A consumer's strict type checkers find nothing wrong, in the package or in its use."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.pyright import run_pyright

from .conftest import HERE
from .environments import ROOT, environment, service_environment

pytestmark = pytest.mark.xdist_group("published")

CONSUMERS = sorted(HERE.glob("consumer_*.py"))
SERVICE_CONSUMER = HERE / "service_consumer.py"
EXAMPLE = ROOT / "examples" / "fastapi-tasks" / "main.py"
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


def test_mypy_strict_of_consumers_and_the_example(mypy: Mypy) -> None:
    said = mypy(*CONSUMERS, EXAMPLE)
    assert said.startswith("Success: no issues found in 4 source files"), said


def test_mypy_strict_of_what_the_services_own_check_passes_over(mypy: Mypy) -> None:
    said = mypy("-m", "better_auth_bridge.fastapi", "-m", "better_auth_bridge.fastapi_docs")
    assert said.startswith("Success: "), said


def test_pyright_strict_of_consumers(python: Path, tmp_path: Path) -> None:
    assert run_pyright(python, tmp_path, CONSUMERS).startswith("0 errors, 0 warnings")


def test_strict_checkers_of_an_application_with_the_service(tmp_path: Path) -> None:
    """Neither finds a fault, and both find a name that is not published."""
    with_service = service_environment("fastapi", "mypy")
    misspelt = tmp_path / "misspelt.py"
    misspelt.write_text("from better_auth_service import BeterAuth\n")
    command = [str(with_service), "-m", "mypy", "--strict", "--cache-dir", os.devnull]
    said = _said([*command, str(SERVICE_CONSUMER), str(misspelt)], tmp_path)
    assert said.endswith("Found 1 error in 1 file (checked 2 source files)\n"), said
    assert 'has no attribute "BeterAuth"' in said
    said = run_pyright(with_service, tmp_path, [SERVICE_CONSUMER, misspelt])
    faults = [line for line in said.splitlines() if " - error: " in line]
    assert faults
    assert all(f"/{misspelt.name}:" in each for each in faults), said
    assert '"BeterAuth" is unknown import symbol' in said
    assert " 0 warnings" in said


def _said(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
