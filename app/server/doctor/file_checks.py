"""Checks of files: who may read the secrets and the database, and how much room is left."""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from stat import S_IROTH, S_IRWXG, S_IRWXO, S_ISVTX, S_IWOTH
from typing import Final

from .finding import Finding, Result

LEAST_FREE: Final = 100 * 1024**2  # bytes
FREE: Final = 1024**3
LARGE_LOG: Final = 256 * 1024**2
# Who follows this as root must not take a file from the service.
_OWNER: Final = "let the account of the service own it, then"
_ENDS: Final = ("", "-wal", "-shm", "-journal")
_MIB: Final = 1024**2
_MOUNTS: Final = Path("/proc/self/mountinfo")  # proc(5)
_FIELDS: Final = 5  # up to the mount point
_REMOTE: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "ceph"})


def inspect_rights(secret_files: Iterable[Path], database: Path | None) -> Iterator[Finding]:
    """Checks that only the owner reads the files with secrets and the SQLite database."""
    if os.name != "posix":
        yield Finding("files", Result.UNCHECKED, "this system has no file modes")
        return
    paths = [*secret_files, *(_list_family(database) if database else ())]
    found = [path for path in paths if path.is_file()]
    findings = [each for path in found if (each := _judge(path)) is not None]
    if database is not None and (shared := _judge_folder(database.parent)) is not None:
        findings.append(shared)
    yield from findings
    if not findings:
        names = ", ".join(str(path) for path in found) or "no file with secrets"
        yield Finding("files", Result.OK, f"for the owner alone: {names}" if found else names)


def _judge_folder(folder: Path) -> Finding | None:
    """Returns what is wrong with the mode of the folder of the database."""
    mode = folder.stat().st_mode
    if not mode & S_IWOTH:
        return None
    if mode & S_ISVTX:  # such as /tmp, which has to stay like this
        line = f"everybody may put files into {folder.absolute()}, where the database is"
        remedy = "move the database into a folder of its owner"
        return Finding("files", Result.WARNING, line, remedy)
    line = f"everybody may replace files in {folder.absolute()}"
    return Finding("files", Result.WRONG, line, f"chmod o-w {folder}")


def _judge(path: Path) -> Finding | None:
    """Returns what is wrong with the mode of a file. A group may be meant to read it."""
    found = path.stat()
    if found.st_mode & S_IRWXO:
        verb = "read" if found.st_mode & S_IROTH else "use"
        line = f"every user of this machine may {verb} {path}"
        return Finding("files", Result.WRONG, line, f"{_OWNER} chmod go= {path}")
    if found.st_mode & S_IRWXG:
        line = f"the group {found.st_gid} may use {path}"
        remedy = f"right if the service alone is in it; if not, {_OWNER} chmod g= {path}"
        return Finding("files", Result.WARNING, line, remedy)
    return None


def inspect_disk(database: Path, *, free: int | None = None) -> Iterator[Finding]:
    """Checks the room for a SQLite file and its log. `free`: bytes, if not those of the disk."""
    left = shutil.disk_usage(database.parent).free if free is None else free
    size, log = (_measure(database.with_name(database.name + end)) for end in ("", "-wal"))
    line = f"{left // _MIB} MiB free next to {database}, which has {(size + log) // _MIB} MiB"
    if left < LEAST_FREE:
        remedy = "make room now: without it every write fails with 503"
        yield Finding("disk", Result.WRONG, line, remedy)
    elif left < max(FREE, size):
        remedy = "make room: a copy of the database, for a backup, would not fit well"
        yield Finding("disk", Result.WARNING, line, remedy)
    else:
        yield Finding("disk", Result.OK, line)
    if log > LARGE_LOG:
        line = (
            f"the write-ahead log has {log // _MIB} MiB: a program keeps a reading connection open"
        )
        yield Finding("disk", Result.WARNING, line, "restart what else reads the database")


def inspect_file_system(database: Path, mounts: str | None = None) -> Iterator[Finding]:
    """Checks that a SQLite file is on a disk of this machine. `mounts` is Linux's mountinfo."""
    found = _read_mounts() if mounts is None else mounts
    kind = None if found is None else _find_file_system(database.absolute(), found)
    if kind in _REMOTE:
        line = f"{database} is on {kind}: SQLite can lose or damage a database on a network"
        remedy = "move it to a disk of this machine, or use PostgreSQL"
        yield Finding("file system", Result.WRONG, line, remedy)
    elif kind is None:
        yield Finding("file system", Result.UNCHECKED, "this system does not tell its kind")
    else:
        yield Finding("file system", Result.OK, f"{database} is on {kind}")


def _read_mounts() -> str | None:
    try:
        return _MOUNTS.read_text("utf-8", "replace")
    except OSError:
        return None


def _find_file_system(path: Path, mounts: str) -> str | None:
    """Returns the kind of the nearest mount above a path: the last one that hides the others."""
    nearest, kind = -1, None
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < _FIELDS or not after:
            continue
        mount = Path(fields[_FIELDS - 1].replace("\\040", " "))
        if path.is_relative_to(mount) and len(mount.parts) >= nearest:
            nearest, kind = len(mount.parts), after.split(" ")[0]
    return kind


def _list_family(database: Path) -> Iterator[Path]:
    return (database.with_name(database.name + end) for end in _ENDS)


def _measure(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
