"""The service as its users run it: a process of its own, on a free port."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from tests.support import programs, ready_process

from .mails import mail_server

ROOT = Path(__file__).parents[3]
SECRET = "a-secret-for-tests-only-k3J9vQ2mX7pL4"
PAGE = "http://localhost:3000"
OPTIONS = {
    "MAIL_FROM": "App <app@example.com>",
    "BETTER_AUTH_USER_CHANGE_EMAIL_ENABLED": "true",
    "BETTER_AUTH_USER_DELETE_USER_ENABLED": "true",
}
COMMAND = (sys.executable, "-m", "app", "serve")


class Service(Struct, frozen=True):
    """A running service: where it is, the file that its mails come to, the secret it shares."""

    url: str
    mails: Path
    secret: str = SECRET


@contextmanager
def running(database_url: str, folder: Path, **variables: str) -> Iterator[Service]:
    """Start the service in a folder of its own, wait until it answers, stop it as an operator does.

    `variables` are settings beside those that every test needs.
    """
    port = int(variables.get("PORT", 0)) or programs.free_port()
    environ = inherited() | {
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_URL": f"http://localhost:{port}",
        "BETTER_AUTH_TRUSTED_ORIGINS": PAGE,
        "BETTER_AUTH_RATE_LIMIT_ENABLED": "false",
        "DATABASE_URL": database_url,
        "PORT": str(port),
        **OPTIONS,
        **variables,
    }
    mails = folder / "mails.jsonl"
    with (
        mail_server(mails) as smtp_url,
        programs.running_service({**environ, "SMTP_URL": smtp_url}, folder, port),
    ):
        yield Service(url=f"http://localhost:{port}", mails=mails)


def migrate(database_url: str, folder: Path, **variables: str) -> None:
    """Bring a database up to date, as `serve` does before it answers."""
    own = {"BETTER_AUTH_SECRET": SECRET, "DATABASE_URL": database_url, **variables}
    done = ready_process.run(["migrate"], inherited() | own, folder, timeout=60)
    assert done.returncode == 0, done.stderr


def inherited() -> dict[str, str]:
    """What the service needs of this process' environment, so that no setting of it leaks in."""
    names = {"PATH", "HOME", "LANG", "TMPDIR", "NODE_COMPILE_CACHE"}
    names |= {k for k in os.environ if k.startswith("COV")}
    kept = {key: os.environ[key] for key in names if key in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT)}
