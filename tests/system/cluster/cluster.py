"""Three nodes of the service on one pair of PostgreSQL servers, one Redis, behind one nginx."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Final
from uuid import uuid4

from tests.support.programs import free_port
from tests.support.redis import RedisServer
from tests.system.faults.site import PASSWORD, Client, Load, Site, until

from .front import Front, running_front
from .postgres_pair import PostgresPair

NODES: Final = 3
RECOVERY: Final = 10.0  # seconds in which every node serves again


class Stores:
    """What the nodes share."""

    def __init__(self, postgres: PostgresPair, redis: RedisServer) -> None:
        self.postgres, self.redis = postgres, redis

    def repair(self) -> None:
        """Brings back what a test has broken."""
        self.postgres.repair()
        self.redis.stop()
        self.redis.start()


class Cluster:
    """`front` asks any of the `nodes`."""

    def __init__(self, nodes: list[Site], front: Front) -> None:
        self.nodes, self.front = nodes, front

    def wait_until_served(self) -> None:
        """Each node, as it is, serves again within `RECOVERY` seconds."""
        deadline = time.monotonic() + RECOVERY
        waiting = list(self.nodes)
        while waiting := [node for node in waiting if not _serves(node)]:
            assert time.monotonic() < deadline, [node.log.read_text()[-1000:] for node in waiting]
            time.sleep(0.1)


class ClusterLoad(Load):
    """The same people, who also sign in and ask who they are."""

    pause = 0.02

    def __init__(self, front: Client) -> None:
        super().__init__(front)
        self.sessions: list[str] = []  # whose sign-in was answered
        self.unknown: list[str] = []  # of those, who were told that they are not signed in
        self._email = f"{uuid4()}@example.com"

    def list_steps(self, token: str) -> list[Callable[[], None]]:
        if not self.sessions:  # the first of several rounds
            self._site.sign_up(self._email)
        self._sign_in()
        return [*super().list_steps(token), self._sign_in, self._read, self._read]

    def is_whole(self, accounts: int, sessions: int) -> bool:
        return accounts == 1

    def check_sessions(self, nodes: list[Site]) -> None:
        """Every session is known on every node, and always was."""
        assert self.unknown == []
        for at, token in enumerate(self.sessions):
            assert get_user(nodes[at % len(nodes)], token) == self._email

    def _sign_in(self) -> None:
        if token := sign_in(self._site, self._email):
            self.sessions.append(token)

    def _read(self) -> None:
        token = self.sessions[-1]
        status, _, text = self._site.send("GET", "/api/auth/get-session", token=token)
        if status == 200 and text == b"null":
            self.unknown.append(token)


@contextmanager
def running_cluster(stores: Stores, folder: Path, **settings: str) -> Iterator[Cluster]:
    """Nodes with these settings; they end as an operator ends them, with status 0."""
    url = stores.postgres.create_database()
    front = Front(free_port(), url)
    settings["BETTER_AUTH_URL"] = f"http://127.0.0.1:{front.port}"
    settings["BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES"] = "127.0.0.1"
    with ExitStack() as stack:
        nodes = [_make_node(url, folder / f"node{at}", settings) for at in range(NODES)]
        for node in nodes:
            node.begin()
            stack.callback(node.end)
        for node in nodes:
            until(node.is_ready)
        stack.enter_context(running_front(front, folder, [each.port for each in nodes]))
        yield Cluster(nodes, front)


def _make_node(database_url: str, folder: Path, settings: dict[str, str]) -> Site:
    folder.mkdir()
    node = Site(database_url, folder, **settings)
    node.changes = ["cheap hashes"]
    return node


def sign_in(client: Client, email: str) -> str | None:
    """The session token, if the sign-in was answered so."""
    body = {"email": email, "password": PASSWORD}
    status, answer = client.ask("POST", "/api/auth/sign-in/email", body)
    return str(answer["token"]) if status == 200 else None


def get_user(client: Client, token: str) -> str | None:
    """The address of the user of a session; None where the session is not accepted."""
    status, answer = client.ask("GET", "/api/auth/get-session", token=token)
    assert status == 200
    return str(answer["user"]["email"]) if answer else None


def _serves(node: Site) -> bool:
    """Whether a write and a read are answered, and the node says that it is ready."""
    email = f"{uuid4()}@example.com"
    try:
        token = node.sign_up(email)
        return token is not None and node.is_ready() and get_user(node, token) == email
    except (OSError, HTTPException, AssertionError):
        return False
