"""What docs/plugins.md shows of the client runs from top to bottom, with the settings above it."""

import json
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from urllib.request import Request, urlopen

import pytest

from app.settings.dotenv import parse_dotenv
from tests.support import node
from tests.support.pages import block

from .flow import HERE, Result
from .service import PAGE, Service, running

pytestmark = pytest.mark.xdist_group("client")

USERNAME = block("docs/plugins.md", "Username", "sh"), block("docs/plugins.md", "Username", "ts")
ADMIN = block("docs/plugins.md", "Admin", "sh"), block("docs/plugins.md", "Admin", "ts")
DATABASE = "sqlite:///auth.db"
PASSWORD = "correct horse battery"


def run_block(service: Service, text: str, folder: Path, sign_in: Mapping[str, str]) -> Result:
    """The answers that the block got: paths with their status."""
    node.install(HERE)
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    file = folder / "block.mjs"
    file.write_text(text.replace("http://localhost:8000", service.url))
    script = [str(HERE / "run_block.mjs"), str(file), service.url, PAGE]
    command = [str(node.node()), *script, *([json.dumps(sign_in)] if sign_in else [])]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def sign_up(service: Service, email: str) -> None:
    body = json.dumps({"name": "Somebody", "email": email, "password": PASSWORD}).encode()
    headers = {"content-type": "application/json"}
    url = f"{service.url}/api/auth/sign-up/email"
    request = Request(url, body, headers)  # noqa: S310  # of this machine
    with urlopen(request, timeout=30) as answer:  # noqa: S310  # the same
        assert answer.status == 200


def test_username(tmp_path: Path) -> None:
    settings, text = USERNAME
    with running(DATABASE, tmp_path, **parse_dotenv(settings)) as service:
        answers = run_block(service, text, tmp_path, {})
    assert answers == [
        ["/is-username-available", 200],
        ["/sign-up/email", 200],
        ["/sign-in/username", 200],
        ["/update-user", 200],
    ]


def test_admin(tmp_path: Path) -> None:
    settings, text = ADMIN
    email = "admin@example.com"
    with running(DATABASE, tmp_path, **parse_dotenv(settings)) as service:
        sign_up(service, email)
        sign_up(service, "ada@example.com")
        with closing(connect(tmp_path / "auth.db")) as database, database:
            database.execute("UPDATE \"user\" SET role = 'admin' WHERE email = ?", [email])
        answers = run_block(service, text, tmp_path, {"email": email, "password": PASSWORD})
    called = ["list-users", "impersonate-user", "stop-impersonating", "ban-user", "unban-user"]
    paths = [f"/admin/{name}" for name in [*called, "set-role"]]
    assert answers == [[path, 200] for path in ["/sign-in/email", *paths]]
