"""What one node is told holds on all of them at once."""

import asyncio
import json
from collections.abc import Iterator
from itertools import cycle

import asyncpg
import pytest

from tests.support.pages import block
from tests.system.faults.site import PASSWORD, Site

from .cluster import Cluster, Stores, get_user, running_cluster, sign_in

ADMIN = "admin@example.com"
GUESSES = 10  # that the throttle allows for one account
LISTED = 4
# Whoever tests something else signs in and up as often as it takes.
RULES = {
    "/sign-*/*": {"window": 60, "max": 1000},
    "/list-sessions": {"window": 60, "max": LISTED},
}
SETTINGS = {
    "BETTER_AUTH_PLUGINS": "admin",
    "BETTER_AUTH_RATE_LIMIT_ENABLED": "true",
    "BETTER_AUTH_RATE_LIMIT_CUSTOM_RULES": json.dumps(RULES),
    "BETTER_AUTH_USER_DELETE_USER_ENABLED": "true",
}
IN_DATABASE = dict([block("docs/scaling.md", "What every node needs", "sh").strip().split("=")])
pytestmark = pytest.mark.xdist_group("cluster")


@pytest.fixture(scope="module", params=["database", "redis"])
def cluster(
    stores: Stores, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Cluster]:
    """Sessions and counters are in the database, or in Redis."""
    own = IN_DATABASE if request.param == "database" else {"REDIS_URL": stores.redis.url}
    stores.repair()
    with running_cluster(stores, tmp_path_factory.mktemp("nodes"), **SETTINGS, **own) as running:
        yield running


def be_signed_in(node: Site, email: str) -> str:
    node.sign_up(email)
    return sign_in(node, email) or ""


def be_known(cluster: Cluster, token: str) -> list[str | None]:
    return [get_user(node, token) for node in cluster.nodes]


def test_session_that_one_node_ends_is_refused_by_all(cluster: Cluster) -> None:
    first, *others = cluster.nodes
    kept, ended = be_signed_in(first, "ada@example.com"), sign_in(first, "ada@example.com")
    assert be_known(cluster, ended or "") == ["ada@example.com"] * 3
    for node in others:
        assert node.ask("POST", "/api/auth/revoke-session", {"token": ended}, kept)[0] == 200
        assert be_known(cluster, ended or "") == [None] * 3
        assert be_known(cluster, kept) == ["ada@example.com"] * 3
        ended = sign_in(first, "ada@example.com")
    assert others[0].ask("POST", "/api/auth/revoke-sessions", {}, kept)[0] == 200
    assert be_known(cluster, kept) == be_known(cluster, ended or "") == [None] * 3


def test_ban_holds_on_every_node(cluster: Cluster) -> None:
    first, *others = cluster.nodes
    banned = be_signed_in(first, "bob@example.com")
    assert be_known(cluster, banned) == ["bob@example.com"] * 3
    be_signed_in(first, ADMIN)
    asyncio.run(make_admin(first.database_url))
    admin = sign_in(first, ADMIN) or ""
    user = first.ask("GET", "/api/auth/get-session", token=banned)[1]["user"]["id"]
    assert others[1].ask("POST", "/api/auth/admin/ban-user", {"userId": user}, admin)[0] == 200
    assert be_known(cluster, banned) == [None] * 3
    body = {"email": "bob@example.com", "password": PASSWORD}
    answers = [node.ask("POST", "/api/auth/sign-in/email", body) for node in cluster.nodes]
    assert [(status, each["code"]) for status, each in answers] == [(403, "BANNED_USER")] * 3


def test_deleted_user_is_unknown_to_every_node(cluster: Cluster) -> None:
    first, *others = cluster.nodes
    token, other = be_signed_in(first, "eve@example.com"), sign_in(first, "eve@example.com") or ""
    assert be_known(cluster, other) == ["eve@example.com"] * 3
    deletion = {"password": PASSWORD}
    assert others[0].ask("POST", "/api/auth/delete-user", deletion, token)[0] == 200
    assert be_known(cluster, token) == be_known(cluster, other) == [None] * 3
    assert [sign_in(node, "eve@example.com") for node in cluster.nodes] == [None] * 3


def test_requests_are_counted_together(cluster: Cluster) -> None:
    token = be_signed_in(cluster.nodes[0], "zoe@example.com")
    nodes = cycle(cluster.nodes)
    asked = [next(nodes).ask("GET", "/api/auth/list-sessions", token=token) for _ in range(6)]
    assert [status for status, _ in asked] == [200] * LISTED + [429] * 2


def test_wrong_passwords_are_counted_together(cluster: Cluster) -> None:
    nodes = cycle(cluster.nodes)
    wrong = {"email": "nobody@example.com", "password": PASSWORD}
    asked = [next(nodes).ask("POST", "/api/auth/sign-in/email", wrong) for _ in range(GUESSES + 2)]
    assert [status for status, _ in asked] == [401] * GUESSES + [429] * 2


async def make_admin(database_url: str) -> None:
    connection = await asyncpg.connect(f"{database_url}?target_session_attrs=read-write")
    await connection.execute("UPDATE \"user\" SET role = 'admin' WHERE email = $1", ADMIN)
    await connection.close()
