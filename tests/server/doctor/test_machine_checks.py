from pathlib import Path

import pytest

from app.auth.passwords.hashes import Kind, Scheme
from app.auth.passwords.hashing import Passwords
from app.server.doctor import machine_checks
from app.server.doctor.file_checks import inspect_disk
from app.server.doctor.finding import Result
from app.server.doctor.machine_checks import (
    inspect_hashing,
    inspect_open_files,
    inspect_release,
    inspect_workers,
)
from app.settings.settings import Settings
from app.settings.system import find_open_file_limit
from tests.server.doctor.findings import only, worst
from tests.support.secret import STRONG_SECRET

LOCAL = Settings(secret=STRONG_SECRET)
PUBLIC = Settings(secret=STRONG_SECRET, url="https://auth.example.com")
GIB = 1024**3


def test_release_is_told() -> None:
    assert "Python 3" in only(inspect_release()).line


def test_more_processes_than_cores_are_too_many() -> None:
    many = Settings(secret=STRONG_SECRET, workers=4)
    assert only(inspect_workers(many, cores=4)).result == Result.OK
    found = only(inspect_workers(many, cores=2))
    assert (found.result, str(found.remedy)[:13]) == (Result.WARNING, "set WORKERS=2")


@pytest.mark.parametrize(
    ("settings", "limit", "expected"),
    [
        (PUBLIC, 65536, Result.OK),
        (PUBLIC, 1024, Result.WARNING),
        (LOCAL, 1024, Result.OK),
    ],
)
def test_limit_of_open_files(settings: Settings, limit: int, expected: Result) -> None:
    assert only(inspect_open_files(settings, limit)).result == expected


def test_limit_of_open_files_is_that_of_this_process() -> None:
    assert str(find_open_file_limit()) in only(inspect_open_files(LOCAL)).line


@pytest.mark.anyio
async def test_hash_that_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(Scheme(Kind.ARGON2ID), threads=1)
    try:
        assert only(await inspect_hashing(passwords, LOCAL)).result == Result.OK
        monkeypatch.setattr(machine_checks, "SLOWEST", 0.0)
        assert only(await inspect_hashing(passwords, LOCAL)).result == Result.WARNING
    finally:
        passwords.close()


@pytest.mark.anyio
async def test_parameters_are_named_only_where_there_are_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = []
    for kind in (Kind.ARGON2ID, Kind.SCRYPT):
        passwords = Passwords(Scheme(kind), threads=1)
        try:
            monkeypatch.setattr(machine_checks, "FASTEST", 60.0)
            monkeypatch.setattr(machine_checks, "SLOWEST", 60.0)
            line = only(await inspect_hashing(passwords, LOCAL)).line
            monkeypatch.setattr(machine_checks, "SLOWEST", 0.0)
            remedy = str(only(await inspect_hashing(passwords, LOCAL)).remedy)
        finally:
            passwords.close()
        told.append(("calibrate" in line, "parameters" in remedy))
    assert told == [(True, True), (False, False)]


@pytest.mark.parametrize(
    ("free", "expected"),
    [(50 * GIB, Result.OK), (GIB // 2, Result.WARNING), (50 * 1024**2, Result.WRONG)],
)
def test_room_on_the_disk(tmp_path: Path, free: int, expected: Result) -> None:
    (tmp_path / "auth.db").write_bytes(b"x")
    assert only(inspect_disk(tmp_path / "auth.db", free=free)).result == expected


def test_database_that_a_copy_of_would_not_fit_is_told(tmp_path: Path) -> None:
    with (tmp_path / "auth.db").open("wb") as file:
        file.truncate(3 * GIB)  # of holes
    assert only(inspect_disk(tmp_path / "auth.db", free=2 * GIB)).result == Result.WARNING


def test_write_ahead_log_that_never_ends_is_told(tmp_path: Path) -> None:
    (tmp_path / "auth.db").touch()
    with (tmp_path / "auth.db-wal").open("wb") as file:
        file.truncate(GIB // 2)
    found = [*inspect_disk(tmp_path / "auth.db", free=50 * GIB)]
    assert worst(found) == Result.WARNING
    assert "write-ahead log has 512 MiB" in found[-1].line
