"""Which worker of a run gets which tests."""

from pathlib import Path

import pytest
from xdist.scheduler import LoadGroupScheduling

# Folders of `tests/`; what takes seconds in the last two would come last by its name.
_SLOWEST = ("system/", "benchmarks/", "tasks/", "web/openapi/")
_TESTS = Path(__file__).parents[1]


class ByFile(LoadGroupScheduling):  # type: ignore[misc]  # xdist publishes no types
    """Gives a worker all tests of a group, or else of a file: they share what the first one makes.

    `xdist` itself would deal out the tests of a file one by one, and each worker would make it.
    """

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        return nodeid.partition("::")[0] if scope == nodeid else scope


def put_slowest_first(items: list[pytest.Item]) -> None:
    """So that no worker is left with them when the others have nothing more to do."""
    items.sort(key=lambda item: not item.path.relative_to(_TESTS).as_posix().startswith(_SLOWEST))
