"""Statements use the tables that a layout makes, never the declarations."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("auth", "commands", "mail", "plugins", "server", "storage", "tasks", "web")
MODULES = sorted(path for room in ROOMS for path in (ROOT / "app" / room).rglob("*.py"))
# Who makes the table of this database, and who says which tables a branch of migrations makes, or
# have rows of one person.
TAKERS = {"make", "make_table", "Branch", "PersonalTable"}


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def list_declared(path: Path) -> set[str]:
    """The names that a module gives to tables which it declares."""
    text = path.read_text()
    if "Table(" not in text:  # to parse every module takes long
        return set()
    return {
        target.id
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name) and name_of(node.value.func) == "Table"
    }


DECLARED = {
    name
    for path in (ROOT / "app" / "models" / "tables.py", *MODULES)
    for name in list_declared(path)
} | {"CORE_TABLES"}


def find_uses(tree: ast.AST) -> Iterator[str]:
    """Where a module uses a declaration that it imports or makes, except to hand it to a taker."""
    known = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(("tables", "models"))
        for alias in node.names
        if alias.name in DECLARED
    }
    handed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name_of(node.func) in TAKERS
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        if node.id in known and id(node) not in handed:
            yield f"line {node.lineno}: {node.id}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_statement_uses_a_declared_table(path: Path) -> None:
    assert list(find_uses(ast.parse(path.read_text()))) == []


def test_use_of_a_declared_table_is_found() -> None:
    assert {"users", "rate_limits", "tasks"} <= DECLARED
    used = "from ..models.tables import users\nselect(users.c.id)"
    assert list(find_uses(ast.parse(used))) == ["line 2: users"]
    made = "from .models import tasks\ntable = tables.make(tasks)"
    assert list(find_uses(ast.parse(made))) == []
