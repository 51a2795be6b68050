"""`deploy/better-auth.service`, as far as systemd can tell without running it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands.usage import USAGE
from tests.support import programs
from tests.support.pages import ROOT, block
from tests.support.secret import STRONG_SECRET
from tests.system.js_client.service import inherited

from .ending import LONGEST

UNIT = (ROOT / "deploy" / "better-auth.service").read_text()
_FOLDER = "/srv/better-auth"
_MISSING = "systemd-analyze is not installed: apt install systemd"
_EXPOSURE = 2.0  # of ten; the smallest is the best
# What MemoryDenyWriteExecute asks of the kernel, as far as one program can ask it alone.
_DENY = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_systemd_takes_every_line(tmp_path: Path) -> None:
    assert _analyze("verify", _write(tmp_path)) == ""


def test_systemd_takes_the_lines_for_a_secret_of_root(tmp_path: Path) -> None:
    path = _write(tmp_path)
    lines = block("docs/deploying.md", "systemd", "ini")
    assert lines.startswith("# /etc/systemd/system/better-auth.service.d/secret.conf\n")
    (tmp_path / f"{path.name}.d").mkdir()
    (tmp_path / f"{path.name}.d" / "secret.conf").write_text(lines)
    assert _analyze("verify", path) == ""


def test_little_is_left_to_somebody_who_breaks_in(tmp_path: Path) -> None:
    said = _analyze("security", "--offline=true", "--no-pager", _write(tmp_path))
    exposure = re.search(r"exposure level for better-auth.service: ([\d.]+)", said)
    assert exposure is not None, said
    assert float(exposure[1]) < _EXPOSURE


def test_command_serves_without_memory_that_is_written_and_run(tmp_path: Path) -> None:
    port = programs.free_port()
    settings = {"BETTER_AUTH_SECRET": STRONG_SECRET, "PORT": str(port)}
    command = (sys.executable, "-c", _DENY, sys.executable, *_get_arguments())
    with programs.running(command, inherited() | settings, tmp_path, port):
        pass  # it ends with 0 on SIGTERM, or this fails


def test_bad_setting_is_not_tried_again(tmp_path: Path) -> None:
    command = (sys.executable, *_get_arguments())
    done = subprocess.run(command, env=inherited(), cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == USAGE == int(_get("RestartPreventExitStatus"))


def test_it_gets_the_time_that_it_drains_for() -> None:
    assert int(_get("TimeoutStopSec")) > LONGEST


def _get(name: str) -> str:
    (value,) = re.findall(rf"^{name}=(.+)$", UNIT, re.MULTILINE)
    return str(value)


def _get_arguments() -> list[str]:
    """What follows the interpreter."""
    python, *arguments = shlex.split(_get("ExecStart"))
    assert python == f"{_get('WorkingDirectory')}/.venv/bin/python"
    return arguments


def _write(folder: Path) -> Path:
    """The unit, with an interpreter that is there."""
    path = folder / "better-auth.service"
    path.write_text(UNIT.replace(f"{_FOLDER}/.venv/bin/python", sys.executable))
    return path


def _analyze(*arguments: str | Path) -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
