"""The contracts about imports hold, and bite: an import that is forbidden is found."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")
LOADERS = {"resolve_name", "import_module", "__import__"}
LOADING = {
    "app/bridge/asymmetric.py",  # whether cryptography is installed
    "app/commands/cli.py",  # the module of a command
    "app/server/http_server.py",  # the application that a worker is told to serve
    "app/server/plugins.py",  # the list of plugins
}
FORBIDDEN = (
    # module, the line that it may not have, the contract that says so
    ("app/storage/row_cache.py", "from ..web import health", "Imports point down only"),
    ("app/models/clock.py", "from ..settings import settings", "Imports point down only"),
    ("app/tasks/tasks.py", "from ..plugins import jwt", "Imports point down only"),
    (
        "app/bridge/user.py",
        "from app.models import clock",
        "The bridge imports nothing of the service",
    ),
    (
        "app/bridge/user.py",
        "from app.tasks import tasks",
        "The bridge imports nothing of the service",
    ),
    ("app/plugins/jwt/jwk.py", "from ..bearer import plugin", "No plugin knows another"),
    ("app/web/http/headers.py", "from ..middleware import rate_limit", "imports in a circle"),
    ("app/auth/users/users.py", "import litestar", "Litestar is imported at the edge only"),
    (
        "app/auth/users/users.py",
        "from ...web.openapi import docs",
        "Nothing below the edge reaches Litestar through it",
    ),
    (
        "app/auth/users/users.py",
        "from ...web.http import litestar_caches",
        "Nothing below the edge reaches Litestar through it",
    ),
    (
        "app/auth/users/users.py",
        "from ..accounts import routes",
        "Only what builds the service imports routes",
    ),
    ("app/auth/status.py", "import sqlalchemy", "No SQL at the edge"),
    ("app/auth/sessions/active_routes.py", "import sqlalchemy", "No SQL at the edge"),
    ("app/stray.py", "import json", "Imports point down only"),
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The parts of the checkout that the linter reads."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> tuple[bool, str]:
    """Whether every contract is kept, and what the linter says."""
    # In a process of its own, because it sets up logging for the whole process.
    command = [str(LINTER), "--no-cache"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    return done.returncode == 0, done.stdout


def test_every_import_is_allowed() -> None:
    kept, told = lint(ROOT)
    assert kept, told


@pytest.mark.parametrize(("module", "line", "contract"), FORBIDDEN)
def test_forbidden_import_is_found(copy: Path, module: str, line: str, contract: str) -> None:
    place = copy / module
    before = place.read_text() if place.exists() else ""
    place.write_text(f"{before}\n{line}\n")
    kept, told = lint(copy)
    broken = [each for each in told.splitlines() if " BROKEN" in each]
    assert not kept
    assert any(contract in each for each in broken), told


def test_modules_are_named_in_strings_in_few_places() -> None:
    """The contracts see no import whose module is a string."""
    loading = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in LOADERS
    }
    assert loading == LOADING
