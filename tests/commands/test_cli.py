import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import __version__
from app.commands import secret
from app.commands.cli import main
from app.commands.program import PROGRAM_TREE
from tests.commands.program import environment, run, run_from_nothing


def test_version_is_that_of_the_release(tmp_path: Path) -> None:
    done = run(tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, f"better-auth-python {__version__}\n")


def test_commands_that_need_a_database_start_from_nothing(tmp_path: Path) -> None:
    for arguments in (["init"], ["migrate"], ["export"], ["import", "export.jsonl"]):
        done = run_from_nothing(tmp_path, *arguments)
        assert done.returncode == 0, done.stderr
        (tmp_path / "export.jsonl").write_text(done.stdout if arguments == ["export"] else "")


@pytest.mark.parametrize("arguments", [["help"], ["--help"], ["-h"]])
def test_help_names_every_command(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 0
    assert {"serve", "migrate", "import", "export", "help"} <= set(done.stdout.split())


@pytest.mark.parametrize("words", [(), *((name,) for name in PROGRAM_TREE.commands)])
def test_help_fits_a_screen_and_no_summary_is_cut(words: tuple[str, ...]) -> None:
    lines = CliRunner().invoke(PROGRAM_TREE, [*words, "--help"]).stdout.splitlines()
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 80
    assert not any(line.endswith("...") for line in lines[1:])


@pytest.mark.parametrize("arguments", [["help", "serve"], ["serve", "--help"]])
def test_help_of_a_command_names_its_flags(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 0
    assert "--no-migrate" in done.stdout


def test_without_a_command_the_help_is_shown(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Bring the schema up to date and serve" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sreve"], "there is no command 'sreve': did you mean serve?"),
        (["sever", "--port", "1"], "there is no command 'sever': did you mean serve?"),
        (["help", "exprot"], "there is no command 'exprot': did you mean export?"),
        (["xyz"], "there is no command 'xyz': `python -m app help` lists them"),
        (["serve", "--prot", "1"], "serve does not take '--prot': did you mean --port?"),
        (["serve", "--prot=1"], "serve does not take '--prot': did you mean --port?"),
        (["serve", "--work", "1"], "serve does not take '--work': did you mean --workers?"),
        (
            ["secret", "now"],
            "secret does not take 'now': see `python -m app secret --help`",
        ),
        (
            ["serve", "--port"],
            "Option '--port' requires an argument (see `python -m app serve --help`)",
        ),
        (
            ["import"],
            "Missing argument 'FILE' (see `python -m app import --help`)",
        ),
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{said}\n")


def test_bad_settings_end_with_2_and_a_line_each(tmp_path: Path) -> None:
    done = run(tmp_path, "migrate", PORT="x")
    assert done.returncode == 2
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["BETTER_AUTH_SECRET", "PORT"]


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (
            LookupError("gone\nmore"),
            1,
            "LookupError: gone (.venv/bin/python -X dev -m app secret shows",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_no_fault_ends_in_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault: BaseException,
    status: int,
    said: str,
) -> None:
    def fail() -> int:
        raise fault

    monkeypatch.setattr(secret, "run", fail)
    assert main(["secret"]) == status
    assert capsys.readouterr().err.startswith(said)


@pytest.mark.parametrize("command", ["secret", "openapi"])
def test_reader_that_has_enough_is_no_fault(tmp_path: Path, command: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "app", command],
        cwd=tmp_path,
        env=environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.usefixtures("uncollected")  # as `python -m app` leaves it while modules are loaded
def test_garbage_is_collected_while_a_command_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[bool] = []

    def run_noted() -> int:
        collected.append(gc.isenabled())
        return 0

    monkeypatch.setattr(secret, "run", run_noted)
    monkeypatch.setattr(gc, "freeze", lambda: None)  # what earlier tests left
    assert main(["secret"]) == 0
    assert collected == [True]
