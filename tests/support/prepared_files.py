"""What a migration made of a file of SQLite, and what the service saw in one, for the next test.

A migration takes some 15 milliseconds and a look at the tables 5; to write a file that is there, or
to read one, takes less than one.
"""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

from app.schema.branch import Branch
from app.schema.migrate import MigrationReport, migrate
from app.schema.requirements import Requirements
from app.schema.state import SchemaState, inspect_schema
from app.storage.database import Database
from app.storage.sqlite.database import SqliteDatabase

_Key = tuple[bytes, str, tuple[int, ...]]

_PREFIX = "sqlite:///"
# By what was in the file before, and what it had to have.
_MADE: dict[_Key, tuple[bytes, MigrationReport]] = {}
_SEEN: dict[_Key, SchemaState] = {}
# By identity, because to spell their tables out takes long; one that is kept is no other one's.
_KEPT: dict[int, Branch] = {}


async def prepare(url: str, requirements: Requirements) -> MigrationReport:
    """As `migrate`, for tests of what comes after it."""
    file = Path(url.removeprefix(_PREFIX)) if url.startswith(_PREFIX) else None
    if file is None or _is_in_use(file):
        return await migrate(url, requirements)
    key = _describe(file.read_bytes() if file.exists() else b"", requirements)
    if key in _MADE:
        content, report = _MADE[key]
        file.write_bytes(content)
        return report
    report = await migrate(url, requirements)
    if not _is_in_use(file):
        _MADE[key] = file.read_bytes(), report
    return report


async def inspect(database: Database, requirements: Requirements) -> SchemaState:
    """As `inspect_schema`."""
    if not isinstance(database, SqliteDatabase) or not database._file._path.exists():
        return await inspect_schema(database, requirements)
    key = _describe(_serialize(database._file._path), requirements)
    if key not in _SEEN:
        _SEEN[key] = await inspect_schema(database, requirements)
    return _SEEN[key]


def _describe(content: bytes, requirements: Requirements) -> _Key:
    branches = {id(branch): branch for branch in requirements.branches}
    _KEPT.update(branches)
    return sha256(content).digest(), repr(replace(requirements, branches=())), tuple(branches)


def _serialize(file: Path) -> bytes:
    """By SQLite: to close the file of a database that is open ends the locks of this process."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.serialize()


def _is_in_use(file: Path) -> bool:
    """Whether a connection has its log beside it."""
    return any(file.with_name(f"{file.name}-{end}").exists() for end in ("wal", "shm", "journal"))
