from pathlib import Path

import pytest

from app.commands.people.atomic_file import AtomicFile, FileFault


def test_file_is_there_when_it_is_published_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("before")
    target = AtomicFile(path, replaces=True)
    target.file.write(b"after")
    target.file.flush()
    assert path.read_text() == "before"
    target.publish()
    assert path.read_text() == "after"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_of_what_is_discarded(tmp_path: Path) -> None:
    target = AtomicFile(tmp_path / "out", replaces=False)
    target.file.write(b"x")
    target.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["nowhere/out", "."])
def test_place_where_no_file_can_be_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileFault):
        AtomicFile(tmp_path / name, replaces=False)


def test_file_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("before")
    with pytest.raises(FileFault, match="out exists already: name another file, or use --force"):
        AtomicFile(path, replaces=False)
    assert path.read_text() == "before"


def test_file_that_came_meanwhile_is_not_replaced_either(tmp_path: Path) -> None:
    path = tmp_path / "out"
    target = AtomicFile(path, replaces=False)
    path.write_text("before")
    with pytest.raises(FileFault, match="exists already"):
        target.publish()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
