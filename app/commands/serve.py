"""`python -m app serve`."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from socket import socket
from types import FrameType
from typing import Final, NoReturn

from ..bridge.database_url import DatabaseUrlError, SqliteUrl, parse_database_url
from ..mail.templates import TemplateError, load_templates
from ..schema.state import SchemaError
from ..server.http_server import METRICS, START_SECONDS, Serving, ServingError, bind, serve
from ..server.migration import migrate_at_start
from ..server.telemetry.tracing import check_tracing
from ..settings.listen_address import parse_listen_address
from ..settings.settings import Settings
from ..storage.notices import find_store_notices
from .console import load_settings, print_message

# Under whatever name this folder is installed.
_ROOM: Final = Serving.__module__.rpartition(".")[0]
FAULTS = (DatabaseUrlError, SchemaError, ServingError, TemplateError)
_HERE: Final = ("localhost", "127.0.0.1", "[::1]")
_EVERYWHERE: Final = ("0.0.0.0", "[::]")  # noqa: S104  # what `--host` may say, bound elsewhere


def run(
    *,
    host: str | None = None,
    port: str | None = None,
    workers: str | None = None,
    no_migrate: bool = False,
) -> int:
    """Binds the port, migrates the schema, prints the addresses, and serves."""
    with _end_on_sigterm():
        _pass_on({"HOST": host, "PORT": port, "WORKERS": workers})
        _run(load_settings(), migrates=not no_migrate)
    return 0


def _run(settings: Settings, *, migrates: bool) -> None:
    check_tracing(settings)
    if settings.sends_mail:
        # A broken template is found before anything is written.
        load_templates(settings)
    sockets = bind(settings.host, settings.port)
    metrics = _bind_metrics(settings)
    lines = list(_describe_service(settings))
    if migrates:
        report = asyncio.run(migrate_at_start(settings, print_message))
        lines = [*report.lines, *lines]
    lines += asyncio.run(_find_notices(settings))
    # Standard output is the log's, which may be read by a machine.
    print_message(*lines)
    serving = Serving(
        factory=f"{_ROOM}.lifespan:from_env",
        workers=settings.workers,
        log_format=settings.log_format,
        start_seconds=START_SECONDS + settings.database_wait,
    )
    serve(serving, sockets, metrics)


def _bind_metrics(settings: Settings) -> list[socket]:
    if settings.metrics_listen is None:
        return []
    address = parse_listen_address(settings.metrics_listen)
    return bind(address.host, address.port, METRICS)


@contextmanager
def _end_on_sigterm() -> Iterator[None]:
    """Ends with status 0 on SIGTERM, also before the server listens to it.

    Linux ignores the signal for the first process of a container, unless it has a handler.
    """
    usual = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, usual)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def _pass_on(flags: Mapping[str, str | None]) -> None:
    """Copies flags into the environment, which the workers read."""
    os.environ.update({name: value for name, value in flags.items() if value is not None})


async def _find_notices(settings: Settings) -> list[str]:
    found = find_store_notices(settings.database_url, prepared=settings.database_prepared)
    return [f"Notice: {line}" async for line in found]


def _describe_service(settings: Settings) -> Iterator[str]:
    host = settings.host
    trusted = ", ".join(settings.trusted_origins)
    written = f"[{host}]" if ":" in host else host
    # BETTER_AUTH_URL is what people see, and may be the address of a proxy.
    yield f"Listening at    {written}:{settings.port}"
    yield f"Better Auth     {settings.origin}{settings.auth_path}"
    yield f"Docs            {_describe_docs(settings, written)}"
    yield f"Database        {_describe_database(settings)}"
    if settings.metrics_listen is not None:
        yield f"Metrics         http://{settings.metrics_listen}/metrics"
    yield f"Trusted origins {trusted or 'only its own: see BETTER_AUTH_TRUSTED_ORIGINS'}"


def _describe_docs(settings: Settings, host: str) -> str:
    if settings.offers_docs:
        return f"{_choose_own_origin(settings, host)}/docs"
    if settings.api_docs is None:
        return "off, because BETTER_AUTH_URL is https; API_DOCS=true turns them on"
    return "off"


def _choose_own_origin(settings: Settings, host: str) -> str:
    """Returns the address of this server. A proxy may forward only `/api/*`."""
    names = _HERE if host in (*_HERE, *_EVERYWHERE) else (host,)
    own = [f"http://{name}:{settings.port}" for name in names]
    return settings.origin if settings.origin in own else own[0]


def _describe_database(settings: Settings) -> str:
    found = parse_database_url(settings.database_url, prepared=settings.database_prepared)
    return f"SQLite {found.path}" if isinstance(found, SqliteUrl) else found.name
