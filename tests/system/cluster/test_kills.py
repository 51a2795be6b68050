"""Three nodes under load lose one part after the other. `make soak` repeats it."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.faults.site import LOAD

from .cluster import Cluster, ClusterLoad, Stores, running_cluster

ROUNDS = int(os.environ.get("ROUNDS", "1"))
# Beside the service's own: nginx' answer for the request that a killed node was about to answer.
CUT = (502, "no JSON", False)
UNAVAILABLE = (503, "STORE_UNAVAILABLE", True)
pytestmark = pytest.mark.xdist_group("cluster")


@pytest.fixture
def cluster(stores: Stores, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Sessions are in the database, or in Redis if `request.param` says so."""
    own = {"REDIS_URL": stores.redis.url} if getattr(request, "param", "") == "redis" else {}
    stores.repair()
    with running_cluster(stores, tmp_path, **own) as running:
        yield running


def survive(
    cluster: Cluster,
    lose: Callable[[int], None],
    bring_back: Callable[[int], None],
    *,
    meanwhile: tuple[int, str, bool],
    seconds: float = LOAD,
) -> None:
    """A part is lost for some seconds, and all that is refused is refused as `meanwhile` says."""
    load = ClusterLoad(cluster.front)
    for at in range(ROUNDS):
        with load.running():
            load.keep_writing()
            lose(at)
            time.sleep(seconds)
            bring_back(at)
            cluster.wait_until_served()
            time.sleep(LOAD / 2)
        load.check()
        load.check_sessions(cluster.nodes)
        assert set(cluster.front.refused) - {meanwhile} == set()
    assert load.tasks
    assert load.people


def test_node(cluster: Cluster) -> None:
    nodes = cluster.nodes
    survive(
        cluster,
        lambda at: nodes[at % len(nodes)].kill(),
        lambda at: nodes[at % len(nodes)].begin(),
        meanwhile=CUT,
    )


@pytest.mark.parametrize("failure", ["kill", "pause"])
def test_primary(stores: Stores, cluster: Cluster, failure: str) -> None:
    """Its machine stops, or nobody can reach it; then the standby is promoted."""
    pair = stores.postgres

    def lose(_: int) -> None:
        pair.repair()
        getattr(pair.primary, failure)()

    survive(cluster, lose, lambda _: pair.promote(), meanwhile=UNAVAILABLE)
    assert cluster.front.refused[UNAVAILABLE]


def test_paused_primary(stores: Stores, cluster: Cluster) -> None:
    primary = stores.postgres.primary
    survive(
        cluster,
        lambda _: primary.pause(),
        lambda _: primary.go_on(),
        meanwhile=UNAVAILABLE,
        seconds=2 * LOAD,
    )


@pytest.mark.parametrize("cluster", ["redis"], indirect=True)
@pytest.mark.parametrize("failure", [("stop", "start"), ("pause", "go_on")])
def test_redis(stores: Stores, cluster: Cluster, failure: tuple[str, str]) -> None:
    lose, bring_back = (getattr(stores.redis, each) for each in failure)
    survive(
        cluster,
        lambda _: lose(),
        lambda _: bring_back(),
        meanwhile=UNAVAILABLE,
        seconds=3 * LOAD,
    )
    assert cluster.front.refused[UNAVAILABLE]
