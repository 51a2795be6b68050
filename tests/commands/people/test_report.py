from pathlib import Path

import pytest

from app.auth.people.rows import RefusedRow
from app.commands.people.report import SHOWN, RefusalReport


def refused(line: int) -> RefusedRow:
    return RefusedRow(line, "email", "is missing")


def test_report_has_a_line_for_each_row_and_the_first_can_be_shown(tmp_path: Path) -> None:
    with RefusalReport(tmp_path / "report") as report:
        for line in range(1, SHOWN + 3):
            report.add(refused(line))
    lines = (tmp_path / "report").read_text().splitlines()
    assert lines[0] == '{"line":1,"field":"email","reason":"is missing"}'
    assert len(lines) == SHOWN + 2
    assert [row.line for row in report.first] == list(range(1, SHOWN + 1))
    assert str(report.first[0]) == "line 1: email is missing"


def test_what_is_shown_holds_nothing_that_steers_a_terminal() -> None:
    """The names of fields are the file's, which somebody else wrote."""
    row = RefusedRow(1, "\x1b]0;title\x07\u202e", "is unknown")
    assert str(row) == r"line 1: \x1b]0;title\x07\u202e is unknown"


def test_report_is_written_when_the_import_fails(tmp_path: Path) -> None:
    def fail() -> None:
        with RefusalReport(tmp_path / "report") as report:
            report.add(refused(1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert (tmp_path / "report").exists()


def test_nothing_refused_makes_no_file_and_empties_that_of_an_earlier_run(tmp_path: Path) -> None:
    with RefusalReport(tmp_path / "report"):
        pass
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "report").write_text("old")
    with RefusalReport(tmp_path / "report"):
        pass
    assert (tmp_path / "report").read_text() == ""
