"""A receiver for each test."""

from collections.abc import Iterator

import pytest

from tests.support.webhooks import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made
