"""The stores, which all tests of the cluster share."""

from collections.abc import Iterator

import pytest

from tests.support.redis import MISSING, running_redis

from .cluster import Stores
from .postgres_pair import running_pair


@pytest.fixture(scope="session")
def stores(postgres_server: str) -> Iterator[Stores]:
    """Of the cluster's own. `postgres_server` makes the wheel's programs usable for others."""
    with running_pair() as pair, running_redis() as redis:
        assert redis is not None, MISSING
        redis.stop()
        redis.options = ("--appendonly", "yes")
        redis.start()
        yield Stores(pair, redis)
