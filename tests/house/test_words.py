"""The code says things in plain words, and each thing by one word; `docs/contributing.md` has both."""

import pytest

from tests.house.words import PAGE, RULES


@pytest.mark.parametrize("rule", RULES)
def test_nothing_is_found(rule: str) -> None:
    found = "\n".join(map(str, sorted(RULES[rule]())))
    assert not found, f"{rule} (see {PAGE.name}):\n{found}"
