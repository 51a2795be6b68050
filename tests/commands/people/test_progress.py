import io
import sys

import pytest

from app.commands.people.progress import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("length", [100, None])
def test_terminal_is_shown_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, length: int | None
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    with ProgressBar(length) as bar:
        bar.show(50, "7 imported")
    assert "7 imported" in screen.getvalue()
    assert ("50 %" in screen.getvalue()) is (length is not None)


def test_file_is_shown_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", file := io.StringIO())
    with ProgressBar(100) as bar:
        bar.show(50, "7 imported")
    assert file.getvalue() == ""
