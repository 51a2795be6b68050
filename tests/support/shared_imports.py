"""Imports the modules of all tests, so that the workers of one run share the work.

pytest compiles each of them with what its assertions tell, and keeps the result. Workers that
collect side by side come to the same module at the same time, and each compiles it.
"""

from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_TESTS = Path(__file__).parents[1]


def import_tests(worker: int, workers: int) -> None:
    """Each worker begins elsewhere, and finds compiled what another one began with.

    `worker` counts from 0. What can't be imported, pytest tells of when it comes to it.
    """
    modules = sorted(_TESTS.rglob("test_*.py"))
    first = len(modules) * worker // workers
    for path in modules[first:] + modules[:first]:
        with suppress(Exception, pytest.skip.Exception):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
