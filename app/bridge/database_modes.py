"""Builds the modes cookie and bearer, and the session check of tokens. Needs `[database]`."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from .cookie import OpaqueBearer, SessionCookie
from .errors import Unavailable
from .presented import Authenticator
from .session_check import SessionCheck
from .session_table import SessionTable
from .settings import Settings


def build_authenticator(settings: Settings) -> Authenticator:
    """Returns the authenticator. Raises ValueError for invalid settings."""
    table = _open_table(settings)
    if settings.mode == "bearer":
        signed = settings.require_signature
        return OpaqueBearer(settings.secrets, table, require_signature=signed)
    name, secure = settings.cookie_name, settings.secure_cookies
    origins = settings.trusted_origins
    return SessionCookie(settings.secrets, table, name=name, secure=secure, origins=origins)


def add_session_check(settings: Settings, authenticator: Authenticator) -> Authenticator:
    """Returns `authenticator` with a session check. Raises ValueError for invalid settings."""
    return SessionCheck(authenticator, _open_table(settings))


def _open_table(settings: Settings) -> SessionTable:
    """Opens the table. Raises ValueError if it is no Better Auth database. It may be down."""
    table = SessionTable(
        settings.database_url or "",
        prepared=settings.database_prepared,
        names=settings.names,
        second_factors=settings.second_factors,
    )
    # In a thread, because an application may be made where an event loop runs already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _check_table(table)).result()
    return table


async def _check_table(table: SessionTable) -> None:
    try:
        await table.check()
    except Unavailable:
        pass  # the table has said so in the log
    finally:
        await table.close()
