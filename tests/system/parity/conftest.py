"""The servers of the parity tests."""

from collections.abc import Iterator

import pytest

from .pairs import Pairs


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pairs]:
    started = Pairs(tmp_path_factory.mktemp("parity"))
    yield started
    started.close()
