"""The code says things in plain words, each by one word: see `docs/contributing.md`."""

import pytest

from tests.house.words import PAGE, RULES

# One worker reads all modules, once.
pytestmark = pytest.mark.xdist_group("words")


@pytest.mark.parametrize("rule", RULES)
def test_nothing_is_found(rule: str) -> None:
    found = "\n".join(map(str, sorted(RULES[rule]())))
    assert not found, f"{rule} (see {PAGE.name}):\n{found}"
