"""The servers that are measured, and how each is started."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from benchmarks import cores
from tests import node, programs
from tests.client import service
from tests.parity.database import Place
from tests.parity.servers import PROGRAM

SECRET: Final = "a-secret-for-benchmarks-only-Zk83hq0Vt5Lw"


class Way(Struct, frozen=True):
    """What a row wants of the server: cores, and `set-auth-jwt` on /get-session or not."""

    all_cores: bool = False
    token_header: bool = True

    @property
    def cores(self) -> cores.Cores:
        return cores.together() if self.all_cores else cores.apart()


class Given(Struct, frozen=True):
    """What a server is told."""

    place: Place
    port: int
    token_header: bool

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Program(Struct, frozen=True):
    command: Sequence[str]
    environ: Mapping[str, str]


class Contestant(Struct, frozen=True):
    name: str
    prepare: Callable[[], None]
    program: Callable[[Given], Program]


class Server(Struct, frozen=True):
    """One that runs."""

    port: int
    pid: int


@contextmanager
def running(contestant: Contestant, place: Place, way: Way, folder: Path) -> Iterator[Server]:
    """On its cores from the start, so that it counts as many as it has."""
    given = Given(place, programs.free_port(), way.token_header)
    program = contestant.program(given)
    with ExitStack() as stack:
        with cores.on(way.cores.server):
            started = programs.running(program.command, program.environ, folder, given.port)
            pid = stack.enter_context(started)
        yield Server(given.port, pid)


def _ours(given: Given) -> Program:
    environ = service.inherited() | {
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_URL": given.url,
        "BETTER_AUTH_RATE_LIMIT_ENABLED": "false",
        "BETTER_AUTH_JWT_DISABLE_SETTING_JWT_HEADER": json.dumps(not given.token_header),
        "DATABASE_URL": given.place.database_url,
        "PORT": str(given.port),
    }
    return Program(service.COMMAND, environ)


def _original(given: Given) -> Program:
    options = {
        "baseURL": given.url,
        "jwtOptions": {"disableSettingJwtHeader": not given.token_header},
    }
    place = given.place
    environ = {
        **{name: value for name, value in service.inherited().items() if name != "PYTHONPATH"},
        "BETTER_AUTH_SECRET": SECRET,
        "OPTS": json.dumps(options),
        "PORT": str(given.port),
        **({"DB": place.file} if place.file else {"PGURL": place.url}),
    }
    return Program([str(node.node()), str(PROGRAM / "server.mjs")], environ)


def _nothing() -> None:
    """What ours needs is there when this runs."""


OURS: Final = Contestant("ours", _nothing, _ours)
ORIGINAL: Final = Contestant("original", lambda: node.install(PROGRAM), _original)
