from pathlib import Path

import pytest

from app.storage.sqlite.folder_lock import lock_folder


@pytest.mark.parametrize("unlockable", [True, False])
def test_folder_that_cannot_be_locked_is_as_the_caller_says(
    tmp_path: Path, *, unlockable: bool
) -> None:
    with lock_folder(tmp_path / "missing", unlockable=unlockable) as taken:
        assert taken is unlockable
