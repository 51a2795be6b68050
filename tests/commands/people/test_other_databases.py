"""Users of Better Auth on MySQL, MongoDB, D1 and Turso keep ids and passwords by the recipes."""

import json
import re
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from sqlalchemy import text

from app.schema.migrate import migrate
from tests.auth.passwords.test_hashes import SCRYPT
from tests.commands.program import SECRET, run
from tests.support.mariadb import running_mariadb
from tests.support.node import node
from tests.support.pages import block
from tests.support.service import Service, serving
from tests.support.sqlite_file import path_of
from tests.support.tables import users

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("full_cost_hashes")]

RECORDED = Path(__file__).parents[2] / "system" / "original_schema"
PLAN = '{"plan": {"type": "string", "required": false}}'
MYSQL_ADA = "8ro1mJJxKp1kCJCme1D4iYiILWuNb1Ul"
MONGO_ADA = "6b0c56b29b5d096256d6ed45"


@asynccontextmanager
async def imported(folder: Path, *, refused: list[str], **given: str) -> AsyncIterator[Service]:
    """A new service, after its `import` of `users.jsonl`."""
    given = {"BETTER_AUTH_SECRET": SECRET, **given}
    assert run(folder, "migrate", **given).returncode == 0
    done = run(folder, "import", "users.jsonl", **given)
    report = folder / "users.jsonl.refused.jsonl"
    lines = report.read_text().splitlines() if report.exists() else []
    assert sorted(json.loads(line)["field"] for line in lines) == refused
    assert done.returncode == (3 if refused else 0), done.stderr
    async with serving(f"sqlite:///{folder / 'auth.db'}") as service:
        yield service


def export_from_mysql(folder: Path) -> None:
    """With the query of the page, and its columns of plugins."""
    command = block("docs/importing.md", "From Better Auth on MySQL", "sh")
    more = block("docs/importing.md", "From Better Auth on MySQL", "sql")
    query = command.replace("json_object(\n", f"json_object(\n{more}")
    assert query != command
    with running_mariadb() as server:
        server.run(f"use app; {(RECORDED / 'mysql.sql').read_text()}")
        there = query.replace(
            "mysql --host=localhost --user=app --password",
            f"{server.client} --no-defaults --socket={server.socket}",
        )
        assert there != query
        subprocess.run(["sh", "-c", there], cwd=folder, check=True)


def export_from_mongodb(folder: Path) -> None:
    """With the script of the page in Node, on documents as the adapter writes them."""
    command = block("docs/importing.md", "From Better Auth on MongoDB", "sh")
    found = re.fullmatch(
        r'mongosh "\$MONGODB_URL" --quiet --eval \'\n(.*)\' > users\.jsonl\n', command, re.DOTALL
    )
    assert found is not None
    shell = Path(__file__).with_name("mongo_shell.mjs")
    with (folder / "users.jsonl").open("wb") as file:
        words = [str(node()), str(shell), found[1]]
        subprocess.run(words, stdout=file, env={"HASH": SCRYPT}, check=True)


async def test_users_from_mysql_keep_ids_and_passwords(tmp_path: Path) -> None:
    export_from_mysql(tmp_path)
    marks = ["banned", "twoFactorEnabled"]
    async with imported(
        tmp_path, refused=marks, BETTER_AUTH_USER_ADDITIONAL_FIELDS=PLAN
    ) as service:
        assert (await service.sign_in(password="another horse")).status == 401
        signed_in = await service.sign_in(password="password1")
        assert signed_in.json()["user"] == {
            "id": MYSQL_ADA,
            "email": "ada@example.com",
            "name": 'Ada "Löve" \\ 🚀\nx',
            "image": "https://example.com/a.png?x=1&y='é'",
            "emailVerified": True,
            "createdAt": "2026-11-29T16:46:53.610Z",
            "updatedAt": "2026-11-29T16:46:55.467Z",
        }
        assert (await service.sign_in("bob@example.com", password="password1")).status == 200
        assert (await service.sign_in("eve@example.com", password="password1")).status == 401
        found = await service.database.read_all(text('SELECT email, plan FROM "user" ORDER BY 1'))
        plans = {"ada@example.com": "pro", "bob@example.com": None, "eve@example.com": None}
        assert {str(row.email): row.plan for row in found} == plans


async def test_users_from_mongodb_keep_ids_and_passwords(tmp_path: Path) -> None:
    export_from_mongodb(tmp_path)
    async with imported(tmp_path, refused=["banned"]) as service:
        signed_in = await service.sign_in(password="password1")
        assert signed_in.json()["user"] == {
            "id": MONGO_ADA,
            "email": "ada@example.com",
            "name": 'Ada "Löve" \\ 🚀\nx',
            "image": "https://example.com/a.png",
            "emailVerified": True,
            "createdAt": "2026-11-29T16:45:38.865Z",
            "updatedAt": "2026-11-29T16:45:38.865Z",
        }
        assert (await service.sign_in("bob@example.com", password="password1")).status == 401
        assert len(await service.rows(users)) == 2


@pytest.mark.parametrize(
    ("dump", "password", "created"),
    [
        ("d1", "correct horse battery", "2026-11-29T16:42:46.627Z"),
        ("d1-drizzle", "password1", "2026-11-29T16:44:25.041Z"),
        ("turso", "correct horse battery", "2026-11-29T16:40:04.377Z"),
    ],
)
async def test_copy_of_d1_or_turso_is_adopted(
    empty_sqlite_url: str, dump: str, password: str, created: str
) -> None:
    script = (RECORDED / f"{dump}.sql").read_text()
    with closing(sqlite3.connect(path_of(empty_sqlite_url), isolation_level=None)) as database:
        database.executescript(script)
    await migrate(empty_sqlite_url)
    async with serving(empty_sqlite_url) as service:
        signed_in = await service.sign_in(password=password)
        assert signed_in.status == 200
        user = signed_in.json()["user"]
        assert user["createdAt"] == created
        assert f"'{user['id']}'" in script
        assert (await service.sign_in(password="another horse")).status == 401
        assert (await service.sign_up("new@example.com")).status == 200
