"""Where a fault is, read from the messages of msgspec and Litestar."""

import pytest

from app.tasks.refusals import Fault, read_body_fault, read_parameter_faults


@pytest.mark.parametrize(
    ("message", "loc", "msg"),
    [
        (
            "Expected `str`, got `int` - at `$.title`",
            ["body", "title"],
            "Expected `str`, got `int`",
        ),
        ("Expected `str` - at `$.tags[3]`", ["body", "tags", 3], "Expected `str`"),
        ("Expected `object`, got `array`", ["body"], "Expected `object`, got `array`"),
        ("JSON is malformed: `$` (byte 1)", ["body"], "JSON is malformed: `$` (byte 1)"),
    ],
)
def test_fault_in_a_body(message: str, loc: list[str | int], msg: str) -> None:
    assert read_body_fault(message) == Fault(loc, msg)


def test_fault_in_a_parameter() -> None:
    reported = [{"key": "limit", "source": "query", "message": "Expected `int`"}]
    assert read_parameter_faults(reported) == [Fault(["query", "limit"], "Expected `int`")]
