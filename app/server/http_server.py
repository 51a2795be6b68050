"""The HTTP server (uvicorn): sockets, workers, signals and shutdown."""

import errno
import gc
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from multiprocessing import parent_process
from pkgutil import resolve_name
from typing import Final, Literal, cast

from msgspec import Struct
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE

from ..settings.system import reserve_port, write_utf8
from ..web.http.asgi import App
from ..web.middleware.log_lines import configure_logging
from .http_protocol import HttpProtocol
from .one_server import OneServer
from .workers import Workers

START_SECONDS: Final = 60  # that a worker may take until it serves
GRACE: Final = 10  # seconds that running requests get to finish
_NOT_HERE: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class ServingError(Exception):
    """The server cannot start: one line, with the remedy. Empty if a worker printed it."""


class Names(Struct, frozen=True):
    """The settings that name host and port, for messages."""

    host: str
    port: str


PUBLIC: Final = Names("HOST or --host", "PORT=…")
METRICS: Final = Names("METRICS_LISTEN", "METRICS_LISTEN=…")


class Serving(Struct, frozen=True, kw_only=True):
    """What to serve. `factory` is a function (`module:name`) that creates the application.

    The first of several workers may need `start_seconds` until it serves.
    """

    factory: str
    workers: int = 1
    log_format: Literal["console", "json"] = "console"
    start_seconds: int = START_SECONDS


def bind(host: str, port: int, names: Names = PUBLIC) -> list[socket.socket]:
    """Binds a socket for each address of the host, without listening. Raises `ServingError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise ServingError(f"host {host!r} is not known: give {names.host} an address") from None
    bound = [_bind(family, address, names) for family, *_, address in dict.fromkeys(found)]
    sockets = [each for each in bound if each is not None]
    if not sockets:
        raise ServingError(f"host {host!r} is not an address of this machine: see {names.host}")
    return sockets


def serve(
    serving: Serving, sockets: Sequence[socket.socket], metrics: Sequence[socket.socket] = ()
) -> None:
    """Serves until SIGTERM or SIGINT. Running requests get `GRACE` seconds to finish.

    With sockets for `metrics` it also serves those. Raises `ServingError` if the application does
    not start, and what its factory raises.
    """
    config = Config(
        partial(_load, serving),
        factory=True,
        interface="asgi3",
        loop="auto",  # uvloop where there is one
        http=HttpProtocol,
        ws="none",
        lifespan="on",
        workers=serving.workers,
        access_log=False,  # it would print the tokens that links carry
        proxy_headers=False,  # app.web.http.client decides whom to believe
        server_header=False,
        log_config=None,
        log_level="error",
        timeout_graceful_shutdown=GRACE,
    )
    try:
        if serving.workers == 1:
            _run_alone(config, sockets, metrics)
        else:
            configure_logging(serving.log_format)
            _run_workers(Workers(config, list(sockets), serving.start_seconds), metrics)
    except SystemExit:
        raise ServingError from None


def _run_alone(
    config: Config, sockets: Sequence[socket.socket], metrics: Sequence[socket.socket]
) -> None:
    server = OneServer(config)
    if not metrics:
        server.run(sockets=list(sockets))
        return
    from .telemetry.serving import serve_own_metrics  # noqa: PLC0415 - for METRICS_LISTEN

    with serve_own_metrics(metrics):
        server.run(sockets=list(sockets))


def _run_workers(workers: Workers, metrics: Sequence[socket.socket]) -> None:
    if not metrics:
        workers.run()
        return
    from .telemetry.serving import serve_shared_metrics  # noqa: PLC0415 - as above

    with ExitStack() as stack:
        try:
            shared = stack.enter_context(serve_shared_metrics(metrics, workers.list_pids))
        except OSError as fault:
            raise ServingError(
                f"METRICS_LISTEN with several workers needs a folder for temporary files"
                f" ({fault.strerror}): name one with TMPDIR=…"
            ) from None
        workers.on_end = shared.forget_worker
        workers.run()


def _bind(family: int, address: tuple[object, ...], names: Names) -> socket.socket | None:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        reserve_port(opened)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
    except OSError as fault:
        opened.close()
        if fault.errno in _NOT_HERE:
            return None
        raise ServingError(_describe_bind_error(fault, address[1], names.port)) from None
    return opened


def _describe_bind_error(fault: OSError, port: object, name: str) -> str:
    if fault.errno == errno.EADDRINUSE:
        return f"port {port} is in use: stop that program, or choose another with {name}"
    if fault.errno == errno.EACCES:
        return f"port {port} is not allowed for this user: choose one above 1023 with {name}"
    return f"port {port} can't be used: {fault.strerror}"


def _load(serving: Serving) -> App:
    """Creates the application of this process. A worker prints one line if that fails.

    No garbage is collected until it serves: what it loads and creates stays.
    """
    gc.disable()
    write_utf8()
    configure_logging(serving.log_format)
    _listen_to_uvicorn()
    try:
        app = cast("Callable[[], App]", resolve_name(serving.factory))()
    except Exception as fault:
        if parent_process() is None:
            raise
        sys.stderr.write(f"{str(fault) or type(fault).__name__}\n")
        sys.exit(STARTUP_FAILURE)
    return app


def _listen_to_uvicorn() -> None:
    logger = logging.getLogger("uvicorn.error")
    logger.handlers = [_OneLine()]
    logger.propagate = False


class _OneLine(logging.Handler):
    """Prints uvicorn's errors without tracebacks, on standard error."""

    # The first follows the reason, the second the traceback in the request log.
    _SAID = ("Application startup failed", "Exception in ASGI application")

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage().strip()
        if said.startswith(self._SAID):
            return
        fault = record.exc_info[1] if record.exc_info else None
        reason = said if fault is None else str(fault) or type(fault).__name__
        sys.stderr.write(f"{reason.splitlines()[-1]}\n")
