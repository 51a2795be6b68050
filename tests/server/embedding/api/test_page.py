"""Every block of docs/python-api.md works as it is pasted."""

import ast
import inspect
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from textwrap import indent
from types import FunctionType
from typing import Any

import pytest

from app import BetterAuth
from app.models.additional_fields import AdditionalField
from app.plugins.admin.options import AdminOptions
from app.settings.options import UserOptions
from tests.server.embedding.api.opened import opened
from tests.support.audited import read_last
from tests.support.pages import ROOT, block
from tests.support.plugins import enabled
from tests.support.pyright import run_pyright
from tests.support.secret import STRONG_SECRET
from tests.support.smtp import Sink

pytestmark = pytest.mark.anyio
PAGE = "docs/python-api.md"
PRELUDE = "async def call(user_id: str, admin_id: str) -> None:\n"
FIELDS = (AdditionalField(name="company", type="string", required=False),)
SCRIPT = block("docs/python-api.md", "The Python API", "python")
GROUPS = {
    "users": block("docs/python-api.md", "Users", "python"),
    "profile": block("docs/python-api.md", "Users", "python", 1),
    "passwords": block("docs/python-api.md", "Passwords", "python"),
    "sessions": block("docs/python-api.md", "Sessions and access tokens", "python"),
    "bans": block("docs/python-api.md", "Bans and roles", "python"),
    "mails": block("docs/python-api.md", "Mails", "python"),
    "import": block("docs/python-api.md", "Import", "python"),
    "actor": block("docs/python-api.md", "Who acted", "python"),
}


@pytest.fixture(params=[False, True], ids=["without-admin", "with-admin"])
async def auth(
    sqlite_url: str, smtp_sink: Sink, request: pytest.FixtureRequest
) -> AsyncIterator[BetterAuth]:
    options: dict[str, Any] = {
        "user": UserOptions(additional_fields=FIELDS),
        "smtp_url": f"smtp://127.0.0.1:{smtp_sink.port}",
        "mail_from": "auth@example.com",
        "plugins": enabled(AdminOptions()) if request.param else (),
    }
    async with opened(sqlite_url, **options) as made:
        yield made


@pytest.mark.parametrize("text", GROUPS.values(), ids=GROUPS)
async def test_block_runs(auth: BetterAuth, text: str) -> None:
    user = await auth.api.create_user(
        email="ada@example.com",
        name="Ada",
        password="correct horse",
        fields={"company": "Analytical"},
    )
    admin = await auth.api.create_user(email="admin@example.com", name="Admin")
    names = {"auth": auth, "user_id": user.id, "admin_id": admin.id}
    code = compile(text, PAGE, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = FunctionType(code, names)()
    if inspect.isawaitable(running):
        await running
    if text == GROUPS["actor"]:
        assert (await read_last(auth.container.database))["actor_id"] == admin.id


@pytest.mark.xdist_group("published")
def test_pyright_is_strict_with_the_blocks_and_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "better_auth_service").symlink_to(ROOT / "app")
    blocks = indent("\n".join(GROUPS.values()), "    ")
    main = tmp_path / "main.py"
    main.write_text(f"{SCRIPT}\n\n{PRELUDE}{blocks}")
    rules = {"extraPaths": [str(tmp_path)], "reportUnusedVariable": False}
    said = run_pyright(Path(sys.executable), tmp_path, [main], **rules)
    assert said.startswith("0 errors, 0 warnings"), said


def test_the_script_creates_a_user_and_refuses_the_second_one(tmp_path: Path) -> None:
    (tmp_path / "better_auth_service").symlink_to(ROOT / "app")
    (tmp_path / "main.py").write_text(SCRIPT)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tmp_path),
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        "BETTER_AUTH_URL": "http://localhost:8000",
    }

    def run() -> str:
        command = [sys.executable, "main.py"]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
        ).stdout

    assert run() == "created ada@example.com\n"
    assert run() == (
        "422 USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL User already exists. Use another email.\n"
    )
