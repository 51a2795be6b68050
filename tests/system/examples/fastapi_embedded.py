"""`examples/fastapi-embedded`, installed and served as its README says."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import programs
from tests.support.pages import block
from tests.system.js_client.service import Service
from tests.system.packaging.environments import ROOT, SERVICE, built_wheel, pasted
from tests.system.packaging.installed import environ

EXAMPLE = ROOT / "examples" / "fastapi-embedded"
_README = block("examples/fastapi-embedded/README.md", "Sign-up to tasks in one process", "sh")
BUILT, ENTERED, *INSTALLED, SERVED = _README.splitlines()


def install(clone: Path) -> Path:
    """Runs the lines up to the start, in a folder as a clone is after `make wheel`.

    Returns the folder of the example there, which has `.env`.
    """
    folder = clone / "examples" / EXAMPLE.name
    sources = shutil.ignore_patterns(".venv", "__pycache__", ".env", "auth.db*")
    shutil.copytree(EXAMPLE, folder, ignore=sources)
    (clone / "dist").mkdir()
    shutil.copy(built_wheel(SERVICE), clone / "dist")
    pasted("\n".join(INSTALLED), folder, EXAMPLE / "requirements.txt")
    return folder


@contextmanager
def running(folder: Path, logs: Path, **variables: str) -> Iterator[Service]:
    """Serves the example, with `variables` on top of its `.env`, until the block ends."""
    port = programs.free_port()
    url = f"http://localhost:{port}"
    own = environ(BETTER_AUTH_URL=url, BETTER_AUTH_RATE_LIMIT_ENABLED="false") | variables
    command = ["bash", "-c", f"cd {folder} && exec {SERVED} --port {port}"]
    with programs.running(command, own, logs, port, ends_with=-signal.SIGTERM):
        yield Service(url=url, mails=logs / "mails.jsonl")
