"""A shell completes the commands, in a real bash."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.program import environment, run, run_from_nothing
from tests.support.pages import block

# What bash does when the Tab key is pressed after these words.
_PRESS_TAB = """
source {script}
COMP_WORDS=({words}) COMP_CWORD={last}
_better_auth_completion better-auth
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def press_tab(folder: Path, *words: str) -> list[str]:
    done = run_from_nothing(folder, "completion", "bash")
    assert (done.returncode, done.stderr) == (0, "")
    script = folder / "completion.bash"
    script.write_text(done.stdout)
    typed = ["better-auth", *words]
    asked = _PRESS_TAB.format(
        script=script, words=" ".join(map(shlex.quote, typed)), last=len(words)
    )
    pressed = subprocess.run(
        ["bash", "-c", asked],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert pressed.stderr == ""
    return pressed.stdout.split()


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        (["ser"], ["serve"]),
        (["migrate", "--"], ["--check", "--sql", "--help"]),
        (["export", "--format", ""], ["jsonl", "csv"]),
    ],
)
def test_bash_completes_commands_options_and_values(
    tmp_path: Path, words: list[str], completions: list[str]
) -> None:
    assert press_tab(tmp_path, *words) == completions


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_defines_the_program_and_asks_it(tmp_path: Path, shell: str) -> None:
    script = run(tmp_path, "completion", shell).stdout
    assert script.count(" -m app") == 2
    assert "$+commands" not in script


def test_line_of_the_page_defines_the_program(tmp_path: Path) -> None:
    line = block("docs/commands.md", "Completion", "sh").replace(".venv/bin/python", sys.executable)
    done = subprocess.run(
        ["bash", "-c", f"{line}\nbetter-auth --version"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("better-auth-python ")
