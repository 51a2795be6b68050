from collections.abc import Iterator

import pytest

from tests.support.metrics import Recorded, recording


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    with recording() as found:
        yield found
