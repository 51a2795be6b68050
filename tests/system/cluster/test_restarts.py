"""Nodes that an operator stops and starts while people use them."""

import os
import signal
import threading
import time
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.system.faults.site import PASSWORD, Site, until
from tests.system.js_client.service import migrate

from .cluster import ClusterLoad, Stores, running_cluster

ROUNDS = int(os.environ.get("ROUNDS", "1"))
GRACE = 10  # seconds, as in docs/faults.md
PEOPLE = 12
NEXT = {"BETTER_AUTH_PLUGINS": "two-factor"}  # it adds a table, and columns of users
pytestmark = pytest.mark.xdist_group("cluster")


def test_rolling_restart_with_the_next_schema_drops_no_request(
    stores: Stores, tmp_path: Path
) -> None:
    stores.repair()
    with running_cluster(stores, tmp_path) as cluster:
        load = ClusterLoad(cluster.front)
        with load.running():
            migrate(cluster.front.database_url, tmp_path, TASK_API="true", **NEXT)
            assert [node.is_ready() for node in cluster.nodes] == [True] * 3
            for node in cluster.nodes * ROUNDS:
                assert node.end() == 0
                node.begin(**NEXT)
                until(node.is_ready)
        load.check()
        load.check_sessions(cluster.nodes)
        assert load.cut == []
        assert dict(cluster.front.refused) == {}


def test_sign_ins_that_have_begun_are_answered_before_a_node_ends(
    sqlite_url: str, tmp_path: Path
) -> None:
    node = Site(sqlite_url, tmp_path)
    node.start()
    node.sign_up("ada@example.com")
    statuses: list[int] = []

    def sign_in() -> None:
        body = {"email": "ada@example.com", "password": PASSWORD}
        statuses.append(node.ask("POST", "/api/auth/sign-in/email", body)[0])

    people = [threading.Thread(target=sign_in) for _ in range(PEOPLE)]
    for person in people:
        person.start()
    until(lambda: statuses != [])
    node.signal(signal.SIGTERM)
    began = time.monotonic()
    for person in people:
        person.join()
    assert statuses == [200] * PEOPLE
    assert node.end() == 0
    assert time.monotonic() - began < GRACE
    with pytest.raises((OSError, HTTPException)):
        node.ask("GET", "/api/auth/ok")
