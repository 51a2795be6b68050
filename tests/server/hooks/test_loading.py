"""The module of BETTER_AUTH_HOOKS is loaded from the working folder, or refuses the start."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands.cli import main
from app.server.hooks.loading import load_hooks, make_registry
from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from app.settings.settings import Settings
from tests.support.secret import STRONG_SECRET

ROOT = Path(__file__).parents[3]
GOOD = """
from better_auth_service import HookRefusal

def register(hooks):
    hooks.before_user_created(lambda new: None)

    @hooks.send_mail
    async def send(message):
        pass
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = {*sys.modules}
    yield tmp_path
    for name in {*sys.modules} - before:
        if name.startswith("hooks_of_"):
            del sys.modules[name]


def _write(folder: Path, name: str, text: str) -> Settings:
    (folder / f"{name}.py").write_text(text, "utf-8")
    importlib.invalidate_caches()
    return Settings(secret=STRONG_SECRET, hooks=name)


def _refusal(settings: Settings) -> str:
    with pytest.raises(SettingsError) as caught:
        load_hooks(settings)
    (line,) = caught.value.lines
    assert line.startswith("BETTER_AUTH_HOOKS: ")
    return line.removeprefix("BETTER_AUTH_HOOKS: ")


def test_register_gets_the_registry_once_for_a_process(folder: Path) -> None:
    settings = _write(folder, "hooks_of_ada", GOOD)
    loaded = load_hooks(settings)
    assert loaded is not None
    assert [*loaded.list_names()] == ["before_user_created", "send_mail"]
    assert load_hooks(settings) is loaded


def test_each_mount_has_a_registry_of_its_own(folder: Path) -> None:
    settings = _write(folder, "hooks_of_mounts", GOOD)
    first, second = make_registry(settings), make_registry(settings)
    assert first is not second
    assert [*first.list_names()] == [*second.list_names()]


def test_without_the_setting_there_are_none() -> None:
    assert load_hooks(Settings(secret=STRONG_SECRET)) is None


def test_module_that_is_not_there(folder: Path) -> None:
    assert _refusal(Settings(secret=STRONG_SECRET, hooks="hooks_of_nobody")) == (
        f"there is no module hooks_of_nobody in {folder} or among the installed packages:"
        " name a Python module such as my_hooks, without .py"
    )


@pytest.mark.parametrize("name", ["my_hooks.py", "./my_hooks", "my-hooks", "my_hooks:register"])
def test_name_that_is_not_one_of_a_module(name: str) -> None:
    said = _refusal(Settings(secret=STRONG_SECRET, hooks=name))
    assert "name a Python module such as my_hooks, without .py" in said


def test_module_that_imports_what_is_not_there(folder: Path) -> None:
    settings = _write(folder, "hooks_of_import", "\nimport no_such_package\n")
    assert _refusal(settings) == (
        "hooks_of_import cannot be imported: ModuleNotFoundError: No module named"
        f" 'no_such_package' ({folder}/hooks_of_import.py, line 2)"
    )


def test_module_with_a_wrong_syntax(folder: Path) -> None:
    settings = _write(folder, "hooks_of_syntax", "def register(hooks:\n    pass\n")
    said = _refusal(settings)
    assert said.startswith("hooks_of_syntax cannot be imported: SyntaxError: ")
    assert said.endswith(f"({folder}/hooks_of_syntax.py, line 1)")


def test_module_that_raises(folder: Path) -> None:
    settings = _write(folder, "hooks_of_errors", "1 / 0\n")
    assert _refusal(settings) == (
        "hooks_of_errors cannot be imported: ZeroDivisionError: division by zero"
        f" ({folder}/hooks_of_errors.py, line 1)"
    )


def test_module_without_register(folder: Path) -> None:
    said = _refusal(_write(folder, "hooks_of_none", ""))
    assert said == "hooks_of_none has no function register(hooks): add it"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hooks_of_text", "register = 'later'"),
        ("hooks_of_async", "async def register(hooks): pass"),
    ],
)
def test_register_that_cannot_be_called(folder: Path, name: str, text: str) -> None:
    said = _refusal(_write(folder, name, text))
    assert said == f"register of {name} is not a plain function: write def register(hooks)"


def test_register_that_raises(folder: Path) -> None:
    settings = _write(folder, "hooks_of_typos", "def register(hooks):\n    hooks.user_create(1)\n")
    assert _refusal(settings) == (
        "register of hooks_of_typos failed: AttributeError: 'HookRegistry' object has no attribute"
        f" 'user_create' ({folder}/hooks_of_typos.py, line 2)"
    )


def test_hash_without_verification_is_refused(folder: Path) -> None:
    text = "def register(hooks):\n    hooks.hash_password(lambda password: password)\n"
    assert _refusal(_write(folder, "hooks_of_hash", text)) == (
        "hash_password is registered without verify_password, so nobody could sign in"
    )


def test_mail_hook_switches_mails_on_without_a_mail_server(folder: Path) -> None:
    _write(folder, "hooks_of_mail", GOOD)
    environ = {
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        "BETTER_AUTH_HOOKS": "hooks_of_mail",
        "BETTER_AUTH_PLUGINS": "magic-link",
    }
    settings = read_settings(environ, dotenv=None)
    assert settings.sends_reset_password
    assert settings.sends_verification_email


def test_hooks_without_mail_need_a_mail_server(folder: Path) -> None:
    _write(folder, "hooks_of_silence", "def register(hooks): pass")
    environ = {
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        "BETTER_AUTH_HOOKS": "hooks_of_silence",
        "BETTER_AUTH_PLUGINS": "magic-link",
    }
    with pytest.raises(SettingsError, match="SMTP_URL"):
        read_settings(environ, dotenv=None)


def test_command_runs_the_hooks(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(
        folder,
        "hooks_of_commands",
        "from better_auth_service import HookRefusal\n"
        "def register(hooks):\n"
        "    @hooks.before_user_created\n"
        "    def refuse(new):\n"
        "        raise HookRefusal('COMPANY_ONLY', f'{new.email} is not one of ours')\n",
    )
    monkeypatch.delenv("BETTER_AUTH_TEST_POSTGRES", raising=False)
    monkeypatch.setenv("BETTER_AUTH_SECRET", STRONG_SECRET)
    monkeypatch.setenv("BETTER_AUTH_HOOKS", "hooks_of_commands")
    assert main(["migrate"]) == 0
    assert main(["users", "create", "--email", "a@b.example", "--name", "A"]) == 1
    assert "a@b.example is not one of ours" in capsys.readouterr().err


def test_start_is_refused_in_one_line(folder: Path) -> None:
    (folder / "hooks_of_start.py").write_text("1 / 0\n")
    done = subprocess.run(
        [sys.executable, "-m", "app", "serve"],
        cwd=folder,
        env={
            "PYTHONPATH": str(ROOT),
            "BETTER_AUTH_SECRET": STRONG_SECRET,
            "BETTER_AUTH_HOOKS": "hooks_of_start",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "BETTER_AUTH_HOOKS: hooks_of_start cannot be imported: ZeroDivisionError: division by zero"
        f" ({folder}/hooks_of_start.py, line 1)\n"
    )
    assert not (folder / "auth.db").exists()
