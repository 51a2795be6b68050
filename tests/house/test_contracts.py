"""The contracts about imports hold, and bite: an import that is forbidden is found."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")
pytestmark = pytest.mark.xdist_group("contracts")  # one worker lints once for all of them

LOADERS = {"resolve_name", "import_module", "__import__"}
LOADING = {
    "app/__init__.py",  # the public names
    "app/bridge/asymmetric.py",  # whether cryptography is installed
    "app/commands/cli.py",  # the module of a command
    "app/server/http_server.py",  # the application that a worker is told to serve
    "app/server/hooks/loading.py",  # the module of the user
    "app/server/plugins.py",  # the list of plugins
}
DOWN = "Imports point down only"
BRIDGE = "The bridge imports nothing of the service"
EDGE = "Nothing below the edge reaches Litestar through it"
SQL = "No SQL at the edge"
FORBIDDEN = (
    # module, the line that it may not have, the contract that says so, how it tells
    (
        "app/storage/row_cache.py",
        "from ..web import health",
        DOWN,
        "app.storage.row_cache -> app.web.health",
    ),
    (
        "app/models/clock.py",
        "from ..settings import settings",
        DOWN,
        "app.models.clock -> app.settings.settings",
    ),
    ("app/tasks/tasks.py", "from ..plugins import jwt", DOWN, "app.tasks.tasks -> app.plugins.jwt"),
    (
        "app/bridge/user.py",
        "from app.models import clock",
        BRIDGE,
        "app.bridge.user -> app.models.clock",
    ),
    (
        "app/bridge/user.py",
        "from app.tasks import tasks",
        BRIDGE,
        "app.bridge.user -> app.tasks.tasks",
    ),
    (
        "app/plugins/jwt/jwk.py",
        "from ..bearer import plugin",
        "No plugin knows another",
        "app.plugins.jwt.jwk -> app.plugins.bearer.plugin",
    ),
    (
        "app/web/http/headers.py",
        "from ..middleware import rate_limit",
        "No room, and no folder of a room, imports in a circle",
        ".http -> .middleware",
    ),
    (
        "app/auth/users/users.py",
        "import litestar",
        "Litestar is imported at the edge only",
        "app.auth.users.users -> litestar",
    ),
    (
        "app/auth/users/users.py",
        "from ...web.openapi import docs",
        EDGE,
        "app.auth.users.users -> app.web.openapi.docs",
    ),
    (
        "app/auth/users/users.py",
        "from ...web.http import litestar_caches",
        EDGE,
        "app.auth.users.users -> app.web.http.litestar_caches",
    ),
    (
        "app/auth/users/users.py",
        "from ..accounts import routes",
        "Only what builds the service imports routes",
        "app.auth.users.users -> app.auth.accounts.routes",
    ),
    ("app/auth/status.py", "import sqlalchemy", SQL, "app.auth.status -> sqlalchemy"),
    (
        "app/auth/sessions/active_routes.py",
        "import sqlalchemy",
        SQL,
        "app.auth.sessions.active_routes -> sqlalchemy",
    ),
    ("app/stray.py", "import json", DOWN, "app.stray"),
)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each broken contract tells of a copy with every forbidden line: a run takes seconds."""
    copy = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "app", copy / "app", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", copy)
    for module, line, *_ in FORBIDDEN:
        with (copy / module).open("a") as file:
            file.write(f"\n{line}\n")
    kept, told = lint(copy)
    assert not kept
    _, _, details = told.partition("\nBroken contracts\n")
    # Each has its name as a heading.
    parts = re.split(r"\n(.+)\n-{5,}\n", details)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def lint(folder: Path) -> tuple[bool, str]:
    """Whether every contract is kept, and what the linter says."""
    # In a process of its own, because it sets up logging for the whole process.
    command = [str(LINTER), "--no-cache"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    return done.returncode == 0, done.stdout


def test_every_import_is_allowed() -> None:
    kept, told = lint(ROOT)
    assert kept, told


@pytest.mark.parametrize(("module", "line", "contract", "told"), FORBIDDEN)
def test_forbidden_import_is_found(
    broken: dict[str, str], module: str, line: str, contract: str, told: str
) -> None:
    found = [each.removeprefix("-").strip() for each in broken[contract].splitlines()]
    assert told in [each.partition(" (")[0] for each in found], broken[contract]


def test_modules_are_named_in_strings_in_few_places() -> None:
    """The contracts see no import whose module is a string."""
    loading = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in LOADERS
    }
    assert loading == LOADING
