"""The installed service in the folder of a user, who has a package called `app`."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support import programs
from tests.system.js_client.service import inherited

# No command may import it.
_OTHER_APP = "raise SystemExit('this is the package of the user')\n"


def make_folder(folder: Path) -> Path:
    """The working folder of a user, with a package of the same name as ours in the checkout."""
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").write_text(_OTHER_APP)
    return folder


def program_of(python: Path) -> tuple[str, ...]:
    return (str(python.with_name("better-auth")),)


def module_of(python: Path) -> tuple[str, ...]:
    return (str(python), "-m", "better_auth_service")


def environ(**variables: str) -> dict[str, str]:
    """What a program gets: nothing of the checkout, which would be imported."""
    own = {key: value for key, value in inherited().items() if key != "PYTHONPATH"}
    return own | variables


def run(
    program: Sequence[str], folder: Path, *arguments: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*program, *arguments],
        cwd=folder,
        env=environ(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@contextmanager
def served(program: Sequence[str], folder: Path, **variables: str) -> Iterator[str]:
    """Serves with the settings of `.env` in the folder; tells where."""
    port = programs.free_port()
    own = environ(PORT=str(port), BETTER_AUTH_RATE_LIMIT_STORAGE="database", **variables)
    with programs.running((*program, "serve"), own, folder, port):
        yield f"http://localhost:{port}"
