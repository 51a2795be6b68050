import stat
from pathlib import Path

from app.server.plugins import read_settings
from tests.commands.program import run


def test_writes_settings_that_serve(tmp_path: Path) -> None:
    done = run(tmp_path, "init")
    assert (done.returncode, done.stderr) == (0, "")
    settings = read_settings({}, tmp_path / ".env")
    assert settings.trusted_origins == ("http://localhost:3000",)


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    run(tmp_path, "init")
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_never_touches_a_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MINE=1")
    done = run(tmp_path, "init")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / ".env").read_text() == "MINE=1"


def test_never_follows_a_link_to_nowhere(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to(tmp_path / "elsewhere")
    run(tmp_path, "init")
    assert not (tmp_path / "elsewhere").exists()
