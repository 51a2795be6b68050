"""The original and ours, started with the same options, each on a fresh database."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
from msgspec import Struct

from tests.support import in_turn, programs, pwned_passwords
from tests.system.js_client import service

from . import mailbox, versions
from .database import Place
from .host import host
from .mailbox import Mailbox
from .options import Setup, for_original, for_ours
from .side import Side
from .storage import Storage

_BREACHES = "have-i-been-pwned"
NewPlace = Callable[[Path], Place]


class Backing(Struct, frozen=True):
    """What a server stands on: where a new database lies, and the URL of a new Redis database."""

    place: NewPlace
    redis: Callable[[], str]


class Pair(Struct, frozen=True):
    """Both servers, running; `sides` makes of them what one scenario sees.

    An older version of the original may run beside them.
    """

    setup: Setup
    original: "Server"
    ours: "Server"
    older: "Server | None" = None

    def sides(self) -> tuple[Side, Side]:
        return self.original.side(self.setup), self.ours.side(self.setup)

    def sides_and_older(self) -> list[Side]:
        return [*self.sides(), *([self.older.side(self.setup)] if self.older else [])]


class Server(Struct, frozen=True):
    port: int
    database: Place
    mails: Mailbox | None
    storage: Storage

    def side(self, setup: Setup) -> Side:
        return Side(setup, self.port, self.database, self.mails, self.storage)


@contextmanager
def running(
    setup: Setup,
    folder: Path,
    backing: Backing,
    *,
    package: Path | None = None,
    older: Path | None = None,
    cheap_hashes: bool = False,
) -> Iterator[Pair]:
    """Both with the same options, in a folder of their own each.

    `package` is that of another original than the one of record, `older` that of a third server.
    With `cheap_hashes` none can verify what another hashed, unless both are given argon2id.
    """
    with ExitStack() as stack:
        folders = [folder / "original", folder / "ours", folder / "older"]
        for each in folders:
            each.mkdir()
        original = stack.enter_context(
            original_alone(setup, folders[0], backing, package, cheap_hashes=cheap_hashes)
        )
        ours = stack.enter_context(
            ours_alone(setup, folders[1], backing, cheap_hashes=cheap_hashes)
        )
        third = None
        if older:
            third = stack.enter_context(
                original_alone(setup, folders[2], backing, older, cheap_hashes=cheap_hashes)
            )
        yield Pair(setup, original, ours, third)


@contextmanager
def original_alone(
    setup: Setup,
    folder: Path,
    backing: Backing,
    package: Path | None = None,
    *,
    cheap_hashes: bool = False,
) -> Iterator[Server]:
    """It makes the tables that it does not find; `package` is that of another version."""
    port, database, options = (
        programs.free_port(),
        backing.place(folder),
        json.loads(for_original(setup)),
    )
    if cheap_hashes:
        options.setdefault("cheapHashes", "scrypt")
    redis = ""
    if setup.stores_elsewhere:
        options["redis"] = redis = backing.redis()
    environ = {
        "PORT": str(port),
        "OPTS": json.dumps(options),
        "BETTER_AUTH_SECRET": setup.secret,
        "MAILS": str(folder / "mails.jsonl"),
        **({"PWNED": pwned_passwords.serve()} if _BREACHES in setup.plugins else {}),
        **({"DB": database.file} if database.file else {"PGURL": database.url}),
    }
    if "secrets" in setup.all:
        del environ["BETTER_AUTH_SECRET"]
    with _original(setup, environ, folder, package or versions.package()):
        yield Server(port, database, mailbox.of_file(folder / "mails.jsonl"), Storage(redis))


def _original(
    setup: Setup, environ: Mapping[str, str], folder: Path, package: Path
) -> AbstractContextManager[object]:
    """Has a process of its own where it counts in memory, and a shared one would not forget it."""
    shared = host(package)  # installs the package
    if not setup.all["rateLimit.enabled"] or versions.forgets_counters(package):
        return shared.running(environ)
    own = {name: value for name, value in service.inherited().items() if name != "PYTHONPATH"}
    command = versions.command("server.mjs", package)
    return programs.running(command, {**own, **environ}, folder, int(environ["PORT"]))


@contextmanager
def ours_alone(
    setup: Setup, folder: Path, backing: Backing, *, cheap_hashes: bool = False
) -> Iterator[Server]:
    """It makes or adopts the tables."""
    port, database = programs.free_port(), backing.place(folder)
    own = {"PORT": str(port), "DATABASE_URL": database.database_url}
    environ = service.inherited() | for_ours(setup) | own
    if _BREACHES in setup.plugins:
        environ["BETTER_AUTH_HAVE_I_BEEN_PWNED_RANGE_URL"] = pwned_passwords.serve()
    with ExitStack() as stack:
        mails = None
        if setup.sends_mail:
            smtp = programs.free_port()
            mails = stack.enter_context(mailbox.smtp_sink(smtp))
            environ["SMTP_URL"] = f"smtp://127.0.0.1:{smtp}"
            environ["MAIL_FROM"] = "App <app@example.com>"
        redis = ""
        if setup.stores_elsewhere:
            environ["REDIS_URL"] = redis = backing.redis()
        changes = ["cheap hashes", "prompt answers"] if cheap_hashes else []
        started = in_turn.running(environ, folder, port, changes=changes)
        stack.enter_context(started)
        yield Server(port, database, mails, Storage(redis))


def sqlite_place(folder: Path) -> Place:
    return Place(file=str(folder / "auth.db"))


def postgres_place(server: str) -> NewPlace:
    """Makes databases on a server, whose URL names its superuser's."""

    def make(_: Path) -> Place:
        name = f"parity_{uuid4().hex}"
        asyncio.run(_create(server, name))
        return Place(url=server.replace("/postgres?", f"/{name}?"))

    return make


async def _create(server: str, name: str) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}" STRATEGY FILE_COPY')
    await connection.close()
