"""What is done with a server before it is measured."""

from pathlib import Path

import pytest

from benchmarks.site import Site
from tests.system.parity.database import Place


def site(file: str) -> Site:
    return Site(port=0, pid=0, place=Place(file=file), users=1, token_header=True)


def test_file_is_read_to_its_end_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "auth.db"
    path.write_bytes(b"rows" * 1_000_000)
    site(str(path)).warm()
    assert path.read_bytes() == b"rows" * 1_000_000


def test_file_that_is_not_there_is_a_fault_of_the_row(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"auth\.db"):
        site(str(tmp_path / "auth.db")).warm()


def test_database_without_a_file_needs_nothing() -> None:
    site("").warm()
