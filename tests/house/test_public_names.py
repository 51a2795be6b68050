"""What `app/__init__.py` publishes, as `better_auth_service`: by name, when it is asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import app

ROOT = Path(__file__).parents[2]
LIBRARIES = ("litestar", "sqlalchemy", "msgspec", "uvicorn", "click")
NAMES = sorted({*app.__all__} - {"__version__"})


def test_importing_the_package_loads_no_library() -> None:
    probe = f"import sys, app; print([m for m in {LIBRARIES} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", NAMES)
def test_public_name_is_what_type_checkers_take_it_for(name: str) -> None:
    found = getattr(app, name)
    assert (found.__module__, found.__name__) == (f"app{_typed_names()[name]}", name)


def test_type_checkers_know_the_same_names() -> None:
    assert sorted(_typed_names()) == NAMES


def test_another_name_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'app' has no attribute 'Setings'"):
        _ = app.Setings  # type: ignore[attr-defined]


def _typed_names() -> dict[str, str]:
    """The module of each name that the block for type checkers imports."""
    (block,) = (
        node
        for node in ast.parse((ROOT / "app" / "__init__.py").read_text()).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return {
        alias.name: f".{node.module}"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
