"""What stands in a database, as its own tool writes it down: definitions, then rows."""

import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing

from tests.support.postgres import program
from tests.system.parity.database import Place

OURS = ("better_auth_migrations", "better_auth_origin", "better_auth_disabled")
_RANDOM = re.compile(r"^\\(un)?restrict .*\n", re.MULTILINE)  # a key of each dump's own


def dump(place: Place, *, ours: bool = True) -> str:
    """The whole database, or all but what only this service has."""
    if place.file:
        lines = _sqlite(place.file)
        return "\n".join(line for line in lines if ours or not any(n in line for n in OURS))
    return _pg_dump(place.url, *([] if ours else ["--exclude-schema=better_auth_service"]))


def dump_only(place: Place, *names: str) -> str:
    """Some tables and views of it; on SQLite what names them, too."""
    if place.file:
        return "\n".join(line for line in _sqlite(place.file) if any(n in line for n in names))
    return _pg_dump(place.url, *(f"--table={name}" for name in names))


def _sqlite(file: str) -> Iterator[str]:
    with closing(sqlite3.connect(file, timeout=30)) as connection:
        yield from connection.iterdump()


def _pg_dump(url: str, *options: str) -> str:
    command = [program("pg_dump"), "--dbname", url, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return _RANDOM.sub("", done.stdout)
