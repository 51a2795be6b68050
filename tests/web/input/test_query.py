"""A switch in the query is on as JavaScript's `Boolean` has it."""

import pytest

from app.web.input.query import is_on


@pytest.mark.parametrize("values", [None, [], [""]])
def test_switch_that_is_absent_or_empty_is_off(values: list[str] | None) -> None:
    assert not is_on(values)


@pytest.mark.parametrize("values", [["true"], ["false"], ["0"], [" "], ["", ""], ["a", "b"]])
def test_any_text_and_any_repetition_is_on(values: list[str]) -> None:
    assert is_on(values)
