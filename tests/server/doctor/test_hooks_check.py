"""What doctor says about the module of BETTER_AUTH_HOOKS; a faulty one is a faulty setting."""

import importlib
import sys
from pathlib import Path

import pytest

from app.commands.cli import main
from app.server.doctor.finding import Result
from app.server.doctor.settings_checks import inspect_hooks
from app.settings.settings import Settings
from tests.server.doctor.findings import only
from tests.support.secret import STRONG_SECRET

TWO = """
def register(hooks):
    hooks.before_user_created(lambda new: None)
    hooks.before_user_created(lambda new: None)
    hooks.token_subject(lambda token: None)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return tmp_path


def _write(folder: Path, name: str, text: str) -> Settings:
    (folder / f"{name}.py").write_text(text, "utf-8")
    importlib.invalidate_caches()
    return Settings(secret=STRONG_SECRET, hooks=name)


def test_each_hook_is_named_with_the_number_of_its_functions(folder: Path) -> None:
    found = only(inspect_hooks(_write(folder, "examined_hooks", TWO)))
    assert found.result is Result.OK
    assert found.line == "examined_hooks registers before_user_created (2), token_subject"


def test_module_that_registers_nothing_is_a_warning(folder: Path) -> None:
    settings = _write(folder, "examined_nothing", "def register(hooks): pass")
    assert only(inspect_hooks(settings)).result is Result.WARNING


def test_without_a_module_nothing_is_said() -> None:
    assert [*inspect_hooks(Settings(secret=STRONG_SECRET))] == []


def test_faulty_module_is_a_faulty_setting(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(folder, "examined_faults", "")
    monkeypatch.delenv("BETTER_AUTH_TEST_POSTGRES", raising=False)
    monkeypatch.setenv("BETTER_AUTH_SECRET", STRONG_SECRET)
    monkeypatch.setenv("BETTER_AUTH_HOOKS", "examined_faults")
    assert main(["doctor"]) == 1
    assert "examined_faults has no function register(hooks): add it" in capsys.readouterr().out
