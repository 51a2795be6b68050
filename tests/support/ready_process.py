"""Starts our service by fork, from a process that has imported it: in a tenth of the CPU time.

The child has its own environment, folder and output, and runs `python -m app` to its end. Clients,
and whoever stops it, can't tell it from the process that an operator starts. `tests/commands`,
`tests/server` and `tests/settings/test_system.py` start the real one.
"""

import asyncio
import atexit
import gc
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import BinaryIO, Final, Self

import app
from app.schema.migrate import migrate
from app.schema.requirements import derive_requirements
from app.schema.state import inspect_schema
from app.server import app as server
from app.server.container import Container
from app.server.resources import Resources
from app.settings.settings import Settings
from tests.support import asgi, reused_litestar, shared_revisions, shared_statements, traced
from tests.support.cheap_hashes import make_cheap
from tests.support.children import Children
from tests.support.prompt_answers import make_prompt
from tests.support.short_waits import make_short

ROOT = Path(__file__).parents[2]
_CHUNK = 65_536  # bytes
# What a child may change in itself before it begins.
_CHANGES: Final = {
    "cheap hashes": make_cheap,
    "prompt answers": make_prompt,
    "short waits": make_short,
}


class ReportedProcess:
    """As much of `subprocess.Popen` as a server needs: its statuses come as lines of `reports`."""

    def __init__(self, pid: int, reports: io.RawIOBase) -> None:
        self.pid = pid
        self._reports = reports
        self._status: int | None = None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Raises TimeoutExpired."""
        status = self._ended(timeout)
        if status is None:
            raise subprocess.TimeoutExpired("app", timeout or 0)
        return status

    def _ended(self, timeout: float | None) -> int | None:
        if self._status is None and select.select([self._reports], [], [], timeout)[0]:
            self._status = int(self._reports.readline() or b"-9")  # the other process was killed
        return self._status


class ForkedProcess(ReportedProcess):
    """A fork of the ready process, which reports first its id, then its status."""

    def __init__(self, reports: int) -> None:
        opened = os.fdopen(reports, "rb", buffering=0)
        super().__init__(int(opened.readline()), opened)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _fault: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.wait()
        self._reports.close()


def start(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    output: BinaryIO,
    errors: BinaryIO,
    *,
    changes: Collection[str] = (),
) -> ForkedProcess:
    """Runs `python -m app` with these arguments and nothing on its standard input.

    `changes` are keys of `_CHANGES`; the processes that it starts lack them.
    """
    command = ["app", *arguments]
    with Path(os.devnull).open("rb") as nothing:
        return start_module(command, environ, folder, [nothing, output, errors], changes)


def start_module(
    command: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    streams: Sequence[BinaryIO | socket.socket],
    changes: Collection[str] = (),
) -> ForkedProcess:
    """`command` is a module and its arguments, `streams` are the standard ones."""
    words = [list(command), dict(environ), str(folder), list(changes)]
    order = json.dumps(words).encode() + b"\n"
    reading, writing = os.pipe()
    try:
        socket.send_fds(_ready(), [order], [*(each.fileno() for each in streams), writing])
    finally:
        os.close(writing)
    return ForkedProcess(reading)


def run(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    *,
    timeout: float,
    typed: str = "",
) -> "subprocess.CompletedProcess[str]":
    """The same to its end, with `typed` on its standard input. Raises TimeoutExpired."""
    with ExitStack() as stack:
        streams = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        streams[0].write(typed.encode())
        streams[0].seek(0)
        with start_module(["app", *arguments], environ, folder, streams) as process:
            try:
                status = process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                raise
        texts = [_read_all(each) for each in streams[1:]]
    return subprocess.CompletedProcess(["app", *arguments], status, *texts)


def _read_all(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")  # as `subprocess` reads texts


@cache
def _ready() -> socket.socket:
    """Orders to the process that waits; it ends when this end is closed."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # Ctrl-C is for who stops the servers
        )
    atexit.register(_stop, process, ours)
    return ours


def _stop(process: "subprocess.Popen[bytes]", orders: socket.socket) -> None:
    orders.close()
    process.wait()


def _wait_for_orders(orders: socket.socket) -> list[str] | None:
    """Gives a child its command, and the process that waits None when it is to end."""
    woken, waking = socket.socketpair()
    waking.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waking.fileno())
    children = Children()
    while True:
        ready, _, _ = select.select([orders, woken], [], [])
        if woken in ready:
            woken.recv(_CHUNK)
            children.reap()
        if orders not in ready:
            continue
        order, streams, pipe = _read(orders)
        if not order:
            children.end()
            return None
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in (orders, woken, waking):
                end.close()
            return _become(order, streams)
        for each in streams:
            os.close(each)
        children.add(pid, pipe)


def _read(orders: socket.socket) -> tuple[bytes, list[int], int]:
    """An order, its standard streams, and its pipe; nothing at the end of orders."""
    order, descriptors, _, _ = socket.recv_fds(orders, _CHUNK, 4)
    while order and not order.endswith(b"\n"):
        order += orders.recv(_CHUNK)
    *streams, pipe = descriptors or [-1]
    return order, streams, pipe


def _become(order: bytes, streams: list[int]) -> list[str]:
    """Nothing of the process that waits is left to see."""
    command: list[str]
    command, environ, folder, changes = json.loads(order)
    for each in changes:
        _CHANGES[each]()
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    for standard, given in enumerate(streams):
        os.dup2(given, standard)
        os.close(given)
    return command


def _warm_up() -> None:
    """Imports all there is, and makes what children take over, by serving a person once."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if module.name != "app.__main__" and not module.name.startswith("app.bridge.fastapi"):
            import_module(module.name)
    import_module("uvicorn.loops.uvloop")  # the first that serves would
    shared_revisions.share_read()
    shared_statements.share_compiled()
    server.create_litestar_app = reused_litestar.create_litestar_app
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_serve_once(f"sqlite:///{folder}/auth.db"))
    gc.collect()
    gc.freeze()


async def _serve_once(url: str) -> None:
    settings = Settings(secret=token_hex(), database_url=url)
    await migrate(url, derive_requirements(settings))
    resources = await Resources.open(settings)
    schema = await inspect_schema(resources.database)
    application = server.create_service_app(Container(settings, resources, schema))
    person = {"name": "Ada", "email": "ada@example.com", "password": token_hex()}
    for method, path, body in (
        ("POST", "/sign-up/email", person),
        ("POST", "/sign-in/email", person),
        ("GET", "/get-session", None),
    ):
        sent = [] if body is None else [("content-type", "application/json")]
        await asgi.call(application, method, f"/api/auth{path}", sent, asgi.json_body(body))
    await asgi.call(application, "GET", "/docs")  # builds Litestar's router
    await resources.close()
    reused_litestar.release(resources.database)


def _main(orders: socket.socket) -> None:
    traced.let_threads_end()
    _warm_up()
    command = _wait_for_orders(orders)
    if command is None:
        return
    sys.argv = command
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        # As the interpreter ends, but for clearing away modules, which takes it 0.4 seconds.
        threading._shutdown()  # type: ignore[attr-defined]  # waits for threads
        sys.stdout.flush()
        sys.stderr.flush()
        traced.save()
        os._exit(end.code if isinstance(end.code, int) else 1)


if __name__ == "__main__":
    _main(socket.socket(fileno=int(sys.argv[1])))
