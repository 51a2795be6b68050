"""The process behind `in_turn`: it runs `python -m app serve`, again and again.

A fork of `ready_process`, whose standard input is a socket. Each line that comes is an order: the
environment and the folder of the next service, whose output goes to `server.log` there. What it
ended with is the line that goes back.
"""

import asyncio
import gc
import json
import os
import runpy
import socket
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.schema.migrate import MigrationReport, migrate
from app.schema.requirements import Requirements
from tests.support import prepared_files, reused_litestar

_TICK = 0.01  # seconds


def _patch() -> None:
    """For as long as this process lives."""
    patch = pytest.MonkeyPatch()
    # Uvicorn looks ten times a second whether it is to end, and then waits as long once more.
    hasty = SimpleNamespace(**{**vars(asyncio), "sleep": _sleep})
    patch.setattr("uvicorn.server.asyncio", hasty)
    # What the ready process made stays frozen, and what a service leaves is found as garbage.
    unfreezing = SimpleNamespace(
        **{**vars(gc), "freeze": _do_nothing, "unfreeze": _do_nothing, "get_freeze_count": int}
    )
    for module in ("lifespan", "deferred_litestar"):
        patch.setattr(f"app.server.{module}.gc", unfreezing)
    # A new file of SQLite is made once for what it must have, and a file is looked at once.
    patch.setattr("app.server.migration.migrate", _migrate)
    patch.setattr("app.server.opening.inspect_schema", prepared_files.inspect)


async def _migrate(
    url: str, requirements: Requirements, *, prepared: bool | None = None
) -> MigrationReport:
    file = Path(url.removeprefix("sqlite:///"))
    if file == Path(url) or file.exists():
        return await migrate(url, requirements, prepared=prepared)
    return await prepared_files.prepare(url, requirements)


async def _sleep(seconds: float) -> None:
    await asyncio.sleep(min(seconds, _TICK))


def _do_nothing() -> None:
    """Nothing."""


def _serve(environ: dict[str, str], folder: str) -> int:
    """Gives the status that the process would end with."""
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    with Path("server.log").open("wb") as log:
        for standard in (1, 2):
            os.dup2(log.fileno(), standard)
    sys.argv = ["app", "serve"]
    try:
        runpy.run_module("app", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  # a process would end with it
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        reused_litestar.release_all()
    return 0


def main() -> None:
    _patch()
    orders = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with orders, orders.makefile("r") as lines:
        for line in lines:
            orders.sendall(b"%d\n" % _serve(*json.loads(line)))
    sys.exit(0)


if __name__ == "__main__":
    main()
