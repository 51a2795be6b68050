import json

import pytest
from msgspec import Struct

from app.commands.output import print_record, print_rows


class Row(Struct, frozen=True, rename="camel"):
    user_id: str
    is_on: bool
    reason: str | None = None


ROWS = [Row("u1", is_on=True), Row("u22", is_on=False, reason="a\x1b[2Jb")]


def test_rows_are_a_table_with_headings(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS[:1], as_json=False)
    assert capsys.readouterr().out == "USER ID  IS ON  REASON\nu1       yes    -\n"


def test_value_cannot_command_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, as_json=False)
    print_record(ROWS[1], as_json=False)
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert said.count("a\\u001b[2Jb") == 2


def test_rows_as_json_are_an_object_on_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, as_json=True)
    assert [*map(json.loads, capsys.readouterr().out.splitlines())] == [
        {"userId": "u1", "isOn": True, "reason": None},
        {"userId": "u22", "isOn": False, "reason": "a\x1b[2Jb"},
    ]


def test_record_is_a_line_for_each_field(capsys: pytest.CaptureFixture[str]) -> None:
    print_record(ROWS[0], as_json=False)
    assert capsys.readouterr().out == "userId  u1\nisOn    yes\nreason  -\n"


def test_no_rows_print_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (True, False):
        print_rows([], as_json=as_json)
    assert capsys.readouterr().out == ""


def test_long_value_does_not_spoil_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([Row("u" * 120, is_on=True), Row("v" * 121, is_on=True)], as_json=False)
    _, whole, shortened = capsys.readouterr().out.splitlines()
    assert whole.split() == ["u" * 120, "yes", "-"]
    assert shortened.split() == ["v" * 119 + "…", "yes", "-"]
