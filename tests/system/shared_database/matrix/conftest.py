"""For each application of the matrix: its Node server, adopted, with this service next to it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from app.bridge import Settings
from app.bridge.session_table import SessionTable
from tests.commands.program import run
from tests.system.js_client.service import SECRET
from tests.system.parity.database import Place
from tests.system.parity.host import Host
from tests.system.parity.options import Setup
from tests.system.parity.servers import Backing, ours_alone, postgres_place, sqlite_place
from tests.system.parity.side import Caller, Side

from .applications import APPLICATIONS, Application
from .definitions import Snapshot, take_snapshot
from .host import serving, start_host

EARLY = "early@example.com"
LATE = "late@example.com"


class Adopted(Struct, frozen=True):
    """Both servers, what `migrate` printed, and the database before it and after.

    `known` are browsers: "node" signed up at the Node server before, "ours" here afterwards.
    """

    application: Application
    node: Side
    ours: Side
    place: Place
    known: Mapping[str, Caller]
    report: str
    before: Snapshot
    after: Snapshot

    def in_order(self, first: str) -> tuple[Side, Side]:
        return (self.node, self.ours) if first == "node" else (self.ours, self.node)


def grouped(application: Application) -> pytest.MarkDecorator:
    """Its tests run in one process, because they share its servers."""
    return pytest.mark.xdist_group(f"matrix {application.id}")


@pytest.fixture(scope="session")
def node_host(postgres_server: str) -> Host:
    return start_host(postgres_server)


@pytest.fixture(
    scope="session",
    params=[pytest.param(each, id=each.id, marks=grouped(each)) for each in APPLICATIONS],
)
def application(request: pytest.FixtureRequest) -> Application:
    found: Application = request.param
    return found


@pytest.fixture(scope="session")
def adopted(
    application: Application,
    node_host: Host,
    postgres_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Adopted]:
    """As whoever comes with such an application does it: URL, secret, and their own options."""
    folder = tmp_path_factory.mktemp("matrix")
    place = make_place(application, folder, postgres_server)
    with ExitStack() as stack:
        node = stack.enter_context(serving(node_host, application, place, makes_tables=True))
        early = asyncio.run(node.signed_up(EARLY))
        asyncio.run(early.get("/token"))  # makes a key
        before = asyncio.run(take_snapshot(place))
        report = migrate(application, place, folder)
        after = asyncio.run(take_snapshot(place, before))
        ours = stack.enter_context(ours_on(application, place, folder))
        known = {"node": early, "ours": asyncio.run(ours.signed_up(LATE))}
        yield Adopted(application, node, ours, place, known, report, before, after)


def make_place(application: Application, folder: Path, server: str) -> Place:
    """An empty database."""
    new = sqlite_place if application.engine == "sqlite" else postgres_place(server)
    return new(folder)


def place_for_us(application: Application, place: Place) -> Place:
    """With the schema of the tables in its URL, where that is not the one PostgreSQL looks in."""
    suffix = f"&schema={application.schema}" if application.schema else ""
    return replace(place, url=place.url + suffix) if place.url else place


def migrate(application: Application, place: Place, folder: Path, **variables: str) -> str:
    """What `migrate` prints."""
    url = place_for_us(application, place).database_url
    given = {"DATABASE_URL": url, "BETTER_AUTH_SECRET": SECRET, **application.settings, **variables}
    done = run(folder, "migrate", **given)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def ours_on(
    application: Application, place: Place, folder: Path, **variables: str
) -> Iterator[Side]:
    """This service; it signs with the keys in `jwks`, as the Node server does."""
    given = {"BETTER_AUTH_JWT_ALG": "EdDSA", **application.settings, **variables}
    is_cheap = not application.has_own_hashes
    if is_cheap:
        given["BETTER_AUTH_PASSWORD_HASH"] = "argon2id"
    setup = Setup({"emailAndPassword.sendResetPassword": True}, given)
    backing = Backing(lambda _: place_for_us(application, place), lambda: "")
    with ours_alone(setup, folder, backing, cheap_hashes=is_cheap) as server:
        yield server.side(setup)


@asynccontextmanager
async def open_bridge(adopted: Adopted) -> AsyncIterator[SessionTable]:
    """The bridge on the same database, with the variables of the service."""
    application = adopted.application
    url = place_for_us(application, adopted.place).database_url
    names = Settings.from_env({"BETTER_AUTH_SECRET": SECRET, **application.settings}).names
    table = SessionTable(url, names=names)
    yield table
    await table.close()
