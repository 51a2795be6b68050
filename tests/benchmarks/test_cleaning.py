"""The measurement of the cleaning, with a table that is made at once."""

import pytest

from benchmarks import cleaning

pytestmark = pytest.mark.anyio


async def test_both_kinds_of_tables_are_measured_on_both_engines(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cleaning, "ROWS", 200)
    monkeypatch.setattr(cleaning, "USERS", 50)
    monkeypatch.setattr(cleaning, "_USER", dict.fromkeys(cleaning._USER, "'user' || (i % 50 + 1)"))
    monkeypatch.setattr(cleaning, "PART", 50)
    monkeypatch.setattr(cleaning, "EVERY", 1)
    await cleaning.measure(empty_database_url)
    lines = capsys.readouterr().out.splitlines()
    assert ": 200 deleted in " in lines[0]
    assert ": 2 deleted in " in lines[4]
    assert [line.split(":")[0] for line in lines[1:4]] == [
        "  reads",
        "  deletions",
        "  updates of one row meanwhile",
    ]
