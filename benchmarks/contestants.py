"""The servers that are measured, and how each is started."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from enum import Enum
from pathlib import Path
from typing import Final

from msgspec import Struct

from benchmarks import cores
from tests.support import programs
from tests.system.js_client import service
from tests.system.parity import versions
from tests.system.parity.database import Place

_PEER: Final = Path(__file__).parent / "peer"
_PEER_PYTHON: Final = _PEER / ".venv" / "bin" / "python"
SECRET: Final = "a-secret-for-benchmarks-only-Zk83hq0Vt5Lw"


class Placing(Enum):
    """On which cores the server works, and everything else: the load, PostgreSQL."""

    APART = "each on cores of its own"
    ONE_CORE = "both on one core"
    ALL_CORES = "both on all cores"

    def choose(self) -> cores.Cores:
        chosen = {Placing.ONE_CORE: cores.alone, Placing.ALL_CORES: cores.together}
        return chosen.get(self, cores.apart)()


class Way(Struct, frozen=True):
    """What a row wants of the server: cores, `set-auth-jwt` on /get-session or not, processes.

    `key_pairs` and `redis_url`, which is empty without Redis, are for ours alone.
    """

    placing: Placing = Placing.APART
    token_header: bool = True
    workers: int = 1
    key_pairs: bool = False
    redis_url: str = ""

    @property
    def cores(self) -> cores.Cores:
        return self.placing.choose()


class Given(Struct, frozen=True):
    """What a server is told."""

    place: Place
    port: int
    way: Way

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Program(Struct, frozen=True):
    """`ends_with` is its status after SIGTERM."""

    command: Sequence[str]
    environ: Mapping[str, str]
    ends_with: int = 0


class Contestant(Struct, frozen=True):
    """`prepare` installs what it needs; costs nothing when it is there."""

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
    given = Given(place, programs.free_port(), way)
    program = contestant.program(given)
    with ExitStack() as stack:
        with cores.on(way.cores.server):
            started = programs.running(
                program.command,
                program.environ,
                folder,
                given.port,
                ends_with=program.ends_with,
            )
            pid = stack.enter_context(started)
        yield Server(given.port, pid)


def _ours(given: Given) -> Program:
    environ = service.inherited() | {
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_URL": given.url,
        "BETTER_AUTH_RATE_LIMIT_ENABLED": "false",
        "BETTER_AUTH_JWT_DISABLE_SETTING_JWT_HEADER": json.dumps(not given.way.token_header),
        "DATABASE_URL": given.place.database_url,
        "PORT": str(given.port),
        "WORKERS": str(given.way.workers),
        **({"BETTER_AUTH_JWT_ALG": "EdDSA"} if given.way.key_pairs else {}),
        **({"REDIS_URL": given.way.redis_url} if given.way.redis_url else {}),
    }
    return Program(service.COMMAND, environ)


def _original(given: Given) -> Program:
    options = {
        "baseURL": given.url,
        "jwtOptions": {"disableSettingJwtHeader": not given.way.token_header},
    }
    place = given.place
    environ = {
        **{name: value for name, value in service.inherited().items() if name != "PYTHONPATH"},
        "BETTER_AUTH_SECRET": SECRET,
        "OPTS": json.dumps(options),
        "PORT": str(given.port),
        **({"DB": place.file} if place.file else {"PGURL": place.url}),
    }
    return Program(versions.command("server.mjs"), environ)


def _peer(given: Given) -> Program:
    scheme = "sqlite+aiosqlite" if given.place.file else "postgresql+asyncpg"
    environ = service.inherited() | {
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_URL": given.url,
        "DATABASE_URL": f"{scheme}:{given.place.database_url.partition(':')[2]}",
        **({} if given.way.token_header else {"NO_TOKEN_HEADER": "1"}),
    }
    command = [str(_PEER_PYTHON), "-m", "uvicorn", "application:app"]
    where = ["--app-dir", str(_PEER), "--host", "127.0.0.1", "--port", str(given.port)]
    return Program([*command, *where], environ, ends_with=-signal.SIGTERM)


def _nothing() -> None:
    """What ours needs is there when this runs."""


def _install_original() -> None:
    versions.command("server.mjs")


def _install_peer() -> None:
    wanted = _PEER / "requirements.txt"
    stamp = _PEER_PYTHON.parent.parent / "installed.txt"
    if stamp.is_file() and stamp.read_text() == wanted.read_text():
        return
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--clear", str(stamp.parent)], check=True)
    into = ["--python", str(_PEER_PYTHON), "--require-hashes", "-r", str(wanted)]
    subprocess.run([*uv, "pip", "install", *into], check=True)
    stamp.write_text(wanted.read_text())


OURS: Final = Contestant("ours", _nothing, _ours)
ORIGINAL: Final = Contestant("original", _install_original, _original)
PEER: Final = Contestant("better-auth-server", _install_peer, _peer)
ALL: Final = (OURS, ORIGINAL, PEER)
