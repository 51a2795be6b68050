"""An empty folder with Python alone: the wheel, five lines, and the official client signs up."""

import os
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import jwt
import pytest

from tests.support import programs
from tests.support.pages import block
from tests.system.js_client.flow import run_flow
from tests.system.js_client.service import Service

from .environments import SERVICE, built_wheel, pasted
from .installed import environ

pytestmark = pytest.mark.xdist_group("published")

PROJECT = block("README.md", "In your own application", "python")
INSTALLED, INITIALIZED, WITHOUT_TASKS, MIGRATED, SERVED = block(
    "README.md", "In your own application", "sh"
).splitlines()


def test_the_official_client_signs_up_and_the_profile_is_there(tmp_path: Path) -> None:
    shutil.copy(built_wheel(SERVICE), tmp_path)
    pasted(INSTALLED, tmp_path)
    (tmp_path / "main.py").write_text(PROJECT)
    port = programs.free_port()
    active = make_environ(tmp_path, BETTER_AUTH_URL=f"http://localhost:{port}")
    for line in (INITIALIZED, WITHOUT_TASKS, MIGRATED):
        subprocess.run(["bash", "-c", line], cwd=tmp_path, env=active, check=True)
    with closing(sqlite3.connect(tmp_path / "auth.db")) as database:
        database.execute("CREATE TABLE tasks (title TEXT)")  # the name is free
        database.execute('CREATE TABLE profiles (user_id TEXT REFERENCES "user" (id))')
        serve = ["bash", "-c", f"exec {SERVED} --port {port}"]
        with programs.running(serve, active, tmp_path, port, ends_with=-signal.SIGTERM):
            result = run_flow(Service(f"http://localhost:{port}", tmp_path / "mails"), "token")
        user = result["session"]["data"]["user"]
        claims = jwt.decode(result["token"]["data"]["token"], options={"verify_signature": False})
        assert claims["sub"] == user["id"]
        assert database.execute("SELECT user_id FROM profiles").fetchall() == [(user["id"],)]


def make_environ(folder: Path, **settings: str) -> dict[str, str]:
    """What a shell has in which the environment of this folder is active."""
    kept = environ(**settings)
    return {**kept, "PATH": f"{folder / '.venv' / 'bin'}{os.pathsep}{kept['PATH']}"}
