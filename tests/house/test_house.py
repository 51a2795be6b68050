"""Rules of the whole house that no single module can test: imports, sizes, files kept current."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands import openapi

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
UNTRACKED = {"node_modules", "__pycache__", "dist", "build"}
HEAVY = ("litestar", "sqlalchemy", "argon2", "fastapi", "msgspec", "jwt", "cryptography")
ON_DEMAND = (
    "alembic",
    "redis",
    "asyncpg",
    "joserfc",
    "fastapi",
    "httpx",
    "httpcore",
    "litestar",
    "aiosmtplib",
    "app.tasks.routes",
    "app.plugins.admin.assembly",
    "app.plugins.email_otp.assembly",
    "app.plugins.organization.assembly",
    "app.plugins.two_factor.assembly",
)

# A registry's address or somebody's folder, in a form that does not match itself.
UNTOWARD = re.compile(
    r"--(extra-)?index[-]url|--find[-]links|py[p]i\.org|python[h]osted|registry\.npm[j]s"
    r"|\"resolved[\"]:|[\s\"'=:(](/home/|/Users/|/root/|/opt/|/work/)[a-z]"
)


def test_bridge_loads_nothing_heavy() -> None:
    probe = f"import sys, app.bridge; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_service_with_its_defaults_loads_no_library_of_other_settings() -> None:
    probe = "import sys, app.server.lifespan, app.commands.serve; "
    probe += f"print([m for m in {ON_DEMAND} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_command_line_loads_nothing_heavy_before_a_command_asks_for_it() -> None:
    probe = "import sys, app.commands.cli, app.commands.secret; "
    probe += "print([m for m in ('litestar', 'sqlalchemy', 'app.plugins') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_what_is_installed_has_all_that_it_needs() -> None:
    """Locks are installed without resolving, so that nothing else would notice what they lack."""
    command = [sys.executable, "-m", "pip", "check", "--disable-pip-version-check"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_service_imports_itself_relatively() -> None:
    """It is published under another name than `app`, and the bridge without the rest of it."""
    absolute = {
        f"{path.relative_to(ROOT)}: {node.module}"
        for path in _modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and _leaves_home(path, node)
    }
    assert absolute == set()


def test_only_one_module_says_how_the_program_is_called() -> None:
    """The package has another name, and a program."""
    naming = {
        str(path.relative_to(ROOT / "app"))
        for path in _modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.search(r" -m app\b", node.value) and not _is_docstring(path, node.value)
    }
    assert naming == {"models/program_name.py"}


def _is_docstring(path: Path, text: str) -> bool:
    return path.read_text().startswith(f'"""{text}"""')


def _leaves_home(path: Path, node: ast.ImportFrom) -> bool:
    if node.level == 0 and (node.module or "").split(".")[0] == "app":
        return True
    return path.parent.name == "bridge" and node.level > 1


@pytest.mark.parametrize(
    ("file", "plugins"), [("openapi.json", False), ("openapi-plugins.json", True)]
)
def test_openapi_document_is_current(
    capsys: pytest.CaptureFixture[str], file: str, *, plugins: bool
) -> None:
    assert openapi.run(plugins=plugins) == 0
    current = (ROOT / file).read_text()
    assert capsys.readouterr().out == current, f"{file} is stale: run `make openapi`"


def test_no_file_knows_a_registry_or_a_machine() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in _tracked_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if UNTOWARD.search(line)
    }
    assert found == set()


def test_files_of_the_service_are_short() -> None:
    lengths = {str(path): len(path.read_text().splitlines()) for path in _modules()}
    assert {path: n for path, n in lengths.items() if n > MAX_FILE_LINES} == {}


def test_functions_of_the_service_are_short() -> None:
    long = {
        f"{path}:{node.name}"
        for path in _modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _length(node) > MAX_FUNCTION_LINES
    }
    assert long == set()


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (node.end_lineno or 0) - (body[0].lineno if body else node.lineno) + 1


def _modules() -> Iterator[Path]:
    return (path for path in (ROOT / "app").rglob("*.py"))


def _tracked_files(folder: Path = ROOT) -> Iterator[Path]:
    """Text files that belong to the project; git may be missing, so by name."""
    for path in folder.iterdir():
        hidden = path.name.startswith(".") and path.name not in {
            ".ci",
            ".env.example",
            ".gitignore",
        }
        if hidden or path.name in UNTRACKED or path.is_symlink():
            continue
        if path.is_dir():
            yield from _tracked_files(path)
        elif ".db" not in path.name and path.suffix != ".png":
            yield path
