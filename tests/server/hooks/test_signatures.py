"""What a function gets is what the flows pass, and type checkers know it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app import HookConnection, HookRegistry
from app.auth.hooks import Hooks

ROOT = Path(__file__).parents[3]
# Hooks that have another name in the flows, because those say what happened.
_PLACES = {
    "before_email_verification": "before_email_verified",
    "after_email_verification": "after_email_verified",
    "after_user_updated": "user_updated",
    "after_user_deleted": "user_deleted",
    "after_session_created": "session_created",
    "after_session_deleted": "session_deleted",
}
_NO_HOOKS = {"bind", "find_fault", "list_names", "note_mail_hook"}
NAMES = [name for name in dir(HookRegistry) if name[0] != "_" and name not in _NO_HOOKS]
PROGRAM = """
from sqlalchemy.ext.asyncio import AsyncConnection
from app import HookConnection, HookRegistry, PendingUser, User

hooks = HookRegistry()

@hooks.user_created
async def right(user: User, tx: AsyncConnection) -> None: ...

@hooks.user_created
def right_in_a_thread(user: User, tx: HookConnection) -> None: ...

@hooks.before_user_created
def changes(new: PendingUser) -> dict[str, object] | None:
    return {}

@hooks.before_user_created
async def changes_async(new: PendingUser) -> dict[str, object]:
    return {}

# more
"""
WRONG = {
    "plain with that of async": (
        "@hooks.user_created\ndef wrong(u: User, tx: AsyncConnection) -> None: ..."
    ),
    "async with that of a thread": (
        "@hooks.user_created\nasync def wrong(u: User, tx: HookConnection) -> None: ..."
    ),
    "an argument is missing": "@hooks.user_created\ndef wrong(u: User) -> None: ...",
    "another record": "@hooks.before_user_created\ndef wrong(new: User) -> None: ...",
    "another result": "@hooks.before_user_created\ndef wrong(new: PendingUser) -> bool: ...",
}


def _arguments(of: Any) -> list[Any]:
    assert get_origin(of) is not None
    return list(get_args(of)[0])


def _variants(name: str) -> Iterator[list[Any]]:
    """The arguments of an async function, and those of a plain one where they differ."""
    variable = get_type_hints(getattr(HookRegistry, name))["function"]
    assert isinstance(variable, TypeVar)
    bound = variable.__bound__
    is_union = isinstance(bound, UnionType) or "Union" in str(get_origin(bound))
    yield from map(_arguments, get_args(bound) if is_union else [bound])


@pytest.mark.parametrize("name", NAMES)
def test_function_gets_what_the_flow_passes(name: str) -> None:
    passed = _arguments(get_args(get_type_hints(Hooks)[_PLACES.get(name, name)])[0])
    if name in _PLACES and name.startswith("after_") and AsyncConnection in passed:
        passed.remove(AsyncConnection)
    in_thread = [HookConnection if each is AsyncConnection else each for each in passed]
    assert [*_variants(name)] == ([passed] if passed == in_thread else [passed, in_thread])


@pytest.mark.parametrize("name", NAMES)
def test_docstring_says_when_it_runs_and_in_which_transaction(name: str) -> None:
    text = getattr(HookRegistry, name).__doc__ or ""
    assert "Transaction: " in " ".join(text.split())
    assert "Runs: " in text or "It gets" in text


@pytest.mark.xdist_group("mypy of hooks")
def test_type_checker_finds_each_wrong_signature(tmp_path: Path) -> None:
    right = tmp_path / "right.py"
    right.write_text(PROGRAM)
    files = {"right": right}
    for number, (what, text) in enumerate(WRONG.items()):
        files[what] = tmp_path / f"wrong_{number}.py"
        files[what].write_text(PROGRAM.replace("# more", text))
    command = [sys.executable, "-m", "mypy", "--strict", *map(str, files.values())]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    faulty = {what for what, path in files.items() if f"{path.name}:" in done.stdout}
    assert faulty == {*WRONG}, done.stdout
