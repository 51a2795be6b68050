from pathlib import Path

import pytest

from app.server.doctor.file_checks import inspect_file_system, inspect_rights
from app.server.doctor.finding import Result
from app.server.plugins import VARIABLES
from app.settings.secret_files import list_secret_files
from tests.server.doctor.findings import by_result, only, worst


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """The files of a service, for their owner alone."""
    tmp_path.chmod(0o700)
    found = {name: tmp_path / name for name in (".env", "secret", "auth.db", "auth.db-wal")}
    for path in found.values():
        path.touch(0o600)
    return found


def judge(files: dict[str, Path]) -> Result:
    return worst(inspect_rights([files[".env"], files["secret"]], files["auth.db"]))


def test_files_of_the_owner_alone_are_fine(files: dict[str, Path]) -> None:
    found = only(inspect_rights([files[".env"], files["secret"]], files["auth.db"]))
    assert found.result == Result.OK
    assert all(str(path) in found.line for path in files.values())


@pytest.mark.parametrize("name", [".env", "secret", "auth.db", "auth.db-wal"])
@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (0o644, Result.WRONG),
        (0o602, Result.WRONG),
        (0o640, Result.WARNING),
        (0o660, Result.WARNING),
        (0o400, Result.OK),
    ],
)
def test_file_that_others_may_use_is_told(
    files: dict[str, Path], name: str, mode: int, expected: Result
) -> None:
    files[name].chmod(mode)
    assert judge(files) == expected
    if expected == Result.WRONG:
        found = by_result(inspect_rights([files[".env"], files["secret"]], files["auth.db"]))
        assert f"chmod go= {files[name]}" in found[Result.WRONG][0]


def test_shared_folder_such_as_tmp_is_not_to_be_changed(
    files: dict[str, Path], tmp_path: Path
) -> None:
    tmp_path.chmod(0o1777)
    found = only(inspect_rights([], files["auth.db"]))
    assert (found.result, "chmod" in str(found.remedy)) == (Result.WARNING, False)


def test_folder_in_which_everybody_may_replace_the_database_is_told(
    files: dict[str, Path], tmp_path: Path
) -> None:
    tmp_path.chmod(0o777)
    assert judge(files) == Result.WRONG


def test_missing_files_are_no_fault(tmp_path: Path) -> None:
    assert only(inspect_rights([tmp_path / ".env"], None)).line == "no file with secrets"


def test_files_of_secrets_are_those_of_the_environment_and_of_dotenv(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("SMTP_URL_FILE=/run/smtp\nMAIL_TEMPLATES_FILE=/no/secret\nOTHER_FILE=/x\n")
    environ = {"BETTER_AUTH_SECRET_FILE": " /run/secret ", "REDIS_URL_FILE": ""}
    assert [*list_secret_files(VARIABLES, environ, dotenv)] == [
        dotenv,
        Path("/run/secret"),
        Path("/run/smtp"),
    ]


def test_unreadable_dotenv_is_listed_alone(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe")
    assert [*list_secret_files(VARIABLES, {}, tmp_path / ".env")] == [tmp_path / ".env"]


MOUNTS = """
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
36 21 0:31 / /srv rw,nosuid - nfs4 files:/srv rw,vers=4.2
37 36 8:2 / /srv/local\\040disk rw - xfs /dev/sdb1 rw
a line that is none
"""


@pytest.mark.parametrize(
    ("path", "expected", "kind"),
    [
        ("/data/auth.db", Result.OK, "ext4"),
        ("/srv/auth.db", Result.WRONG, "nfs4"),
        ("/srv/local disk/auth.db", Result.OK, "xfs"),
    ],
)
def test_file_on_a_network_is_told(path: str, expected: Result, kind: str) -> None:
    found = only(inspect_file_system(Path(path), MOUNTS))
    assert (found.result, kind in found.line) == (expected, True)


def test_file_system_of_this_machine_is_found(tmp_path: Path) -> None:
    assert only(inspect_file_system(tmp_path / "auth.db")).result == Result.OK
    assert only(inspect_file_system(tmp_path / "auth.db", "")).result == Result.UNCHECKED
