"""`python -m app serve`."""

import asyncio
import os
from argparse import Namespace
from collections.abc import Iterator
from typing import Final

from ..bridge.database_url import DatabaseUrlError, SqliteUrl, parse_database_url
from ..mail.templates import TemplateError, Templates
from ..models.errors import StoreUnavailable
from ..schema.migrate import migrate
from ..schema.state import SchemaError
from ..server.http_server import START_SECONDS, Serving, ServingError, bind, serve
from ..server.plugins import derive_requirements
from ..server.store_wait import StoreWait, report_when_long
from ..settings.settings import Settings
from ..storage.notices import find_store_notices
from ..storage.unreachable import get_database_name
from .console import load_settings, print_message

# Under whatever name this folder is installed.
_ROOM: Final = Serving.__module__.rpartition(".")[0]
FAULTS = (DatabaseUrlError, SchemaError, ServingError, TemplateError)
_HERE: Final = ("localhost", "127.0.0.1", "[::1]")
_EVERYWHERE: Final = ("0.0.0.0", "[::]")  # noqa: S104  # what `--host` may say, bound elsewhere


def run(arguments: Namespace) -> int:
    """Binds the port, migrates the schema, prints the addresses, and serves."""
    _pass_on(arguments)
    settings = load_settings()
    if settings.smtp_url is not None:
        # A broken template is found before anything is written.
        of_plugins = (mail for plugin in settings.plugins for mail in plugin.mails)
        Templates.load(settings.mail_templates, of_plugins)
    sockets = bind(settings.host, settings.port)
    lines = list(_describe_service(settings))
    if not arguments.no_migrate:
        lines = [*asyncio.run(_migrate(settings)), *lines]
    lines += asyncio.run(_find_notices(settings))
    # Standard output is the log's, which may be read by a machine.
    print_message(*lines)
    serving = Serving(
        factory=f"{_ROOM}.lifespan:from_env",
        workers=settings.workers,
        log_format=settings.log_format,
        start_seconds=START_SECONDS + settings.database_wait,
    )
    serve(serving, sockets)
    return 0


def _pass_on(arguments: Namespace) -> None:
    """Copies flags into the environment, which the workers read."""
    flags = {"HOST": arguments.host, "PORT": arguments.port, "WORKERS": arguments.workers}
    os.environ.update({name: value for name, value in flags.items() if value is not None})


async def _migrate(settings: Settings) -> tuple[str, ...]:
    requirements, prepared = derive_requirements(settings), settings.database_prepared
    name = get_database_name(settings.database_url)
    wait = StoreWait(name, settings.database_wait, print_message)
    while True:
        try:
            with report_when_long(print_message):
                report = await migrate(settings.database_url, requirements, prepared=prepared)
        except SchemaError as fault:
            refusal = fault.__cause__
            if not isinstance(refusal, StoreUnavailable) or not await wait.can_go_on(refusal):
                raise
        else:
            return report.lines


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
