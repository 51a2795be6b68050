"""Runs Alembic for one database after the other: all threads and event loops have one `op`."""

import asyncio
from threading import Lock
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from .plan import MigrationPlan

_TURN: Final = Lock()
_WAIT: Final = 0.01  # seconds


async def upgrade_in_turn(tx: AsyncConnection, plan: MigrationPlan) -> None:
    """Runs the plan as a step of `tx`, after other migrations of this process."""
    # A lock of asyncio is for one event loop alone.
    while not _TURN.acquire(blocking=False):  # noqa: ASYNC110
        await asyncio.sleep(_WAIT)
    try:
        await tx.run_sync(_upgrade, plan)
    finally:
        _TURN.release()


def _upgrade(connection: Connection, plan: MigrationPlan) -> None:
    # Alembic takes 0.2 s and 12 MiB, which a server whose schema is current must not pay.
    from .upgrade import upgrade  # noqa: PLC0415

    upgrade(connection, plan)
