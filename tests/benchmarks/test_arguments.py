"""What `python -m benchmarks` refuses, before it starts anything."""

import pytest

from benchmarks.__main__ import main


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--rounds", "0", "'0' is no whole number from 1"),
        ("--rounds", "2.5", "'2.5' is no whole number from 1"),
        ("--rounds", "-1", "'-1' is no whole number from 1"),
        ("--seconds", "0", "0 seconds measure nothing"),
        ("--seconds", "long", "'long' is no number of seconds"),
        ("--seconds", "inf", "'inf' is no number of seconds"),
        ("--patience", "nan", "'nan' is no number of seconds"),
        ("--patience", "-1", "'-1' is no number of seconds"),
    ],
)
def test_measuring_nothing_is_refused(
    option: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["ok", f"{option}={value}"])
    assert refused.value.code == 2
    assert capsys.readouterr().err.endswith(f"argument {option}: {said}\n")
