from argparse import Namespace
from pathlib import Path

import pytest

from app.commands import secret
from app.commands.line import main
from tests.commands.program import run


@pytest.mark.parametrize("arguments", [[], ["sreve"], ["serve", "--prot", "1"]])
def test_wrong_usage_ends_with_2(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert "usage: python -m app" in done.stderr
    assert "Traceback" not in done.stderr


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
    def fail(_arguments: Namespace) -> int:
        raise fault

    monkeypatch.setattr(secret, "run", fail)
    assert main(["secret"]) == status
    assert capsys.readouterr().err.startswith(said)
