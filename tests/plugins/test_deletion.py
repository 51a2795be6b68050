"""A plugin is its folder and one line: with both gone, or both new, the rest imports and serves."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.server.plugins import INSTALLED
from tests.support.secret import STRONG_SECRET

ROOT = Path(__file__).parents[2]
LIST = Path("app/server/plugins.py")
SAMPLE = ROOT / "tests" / "plugins" / "postcards"
# Runs in a copy: everything is imported, a database is made, somebody signs up and is known.
PROBE = """
import asyncio, importlib, json, pkgutil, app
from app.schema.migrate import migrate
from app.schema.state import inspect_schema
from app.server.app import create_app, make_openapi_document
from app.server.plugins import derive_requirements, read_settings
from app.server.resources import Resources
from tests.support.asgi import call, json_body

skipped = ("app.__main__", "app.bridge.fastapi")
for module in pkgutil.walk_packages(app.__path__, "app."):
    if not module.name.startswith(skipped) and ".migrations" not in module.name:
        importlib.import_module(module.name)
assert app.__file__.startswith(__import__("os").getcwd())


async def main():
    settings = read_settings()
    requirements = derive_requirements(settings)
    report = await migrate(settings.database_url, requirements)
    resources = await Resources.open(settings)
    schema = await inspect_schema(resources.database, requirements)
    service = create_app(settings, resources, schema)
    ada = {"name": "Ada", "email": "ada@example.com", "password": "correct horse"}
    json_type = [("content-type", "application/json")]
    up = await call(service, "POST", "/api/auth/sign-up/email", json_type, json_body(ada))
    cookie = [("cookie", up.header_list("set-cookie")[0].partition(";")[0])]
    found = await call(service, "GET", "/api/auth/get-session", cookie)
    bearer = [("authorization", "Bearer " + up.json()["token"])]
    told = {
        "lines": report.lines,
        "email": found.json()["user"]["email"],
        "fields": list(found.json()["user"]),
        "bearer": (await call(service, "GET", "/api/auth/get-session", bearer)).json() is not None,
        "jwt": found.header("set-auth-jwt") is not None,
        "token": (await call(service, "GET", "/api/auth/token", cookie)).status,
        "tasks": (await call(service, "GET", "/api/tasks")).status,
        "paths": list((await make_openapi_document())["paths"]),
    }
    await resources.close()
    print(json.dumps(told))

asyncio.run(main())
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The parts of the checkout that serve."""
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("app", "migrations"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignore)
    return tmp_path


def delete(copy: Path, folder: str) -> None:
    """The folder, and its line."""
    shutil.rmtree(copy / "app" / "plugins" / folder)
    lines = (copy / LIST).read_text().splitlines(keepends=True)
    kept = [line for line in lines if f'"{folder}"' not in line]
    assert len(kept) == len(lines) - 1
    (copy / LIST).write_text("".join(kept))


def add(copy: Path, folder: Path) -> None:
    shutil.copytree(folder, copy / "app" / "plugins" / folder.name)
    listed = (copy / LIST).read_text()
    head = "INSTALLED: Final = (\n"
    assert head in listed
    (copy / LIST).write_text(listed.replace(head, f'{head}    "{folder.name}",\n'))


def probe(copy: Path, **variables: str) -> dict[str, Any]:
    """What the service of a copy does."""
    given = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join((str(copy), str(ROOT))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        **variables,
    }
    command = [sys.executable, "-c", PROBE]
    done = subprocess.run(command, cwd=copy, env=given, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_nothing_else_names_a_plugin() -> None:
    """Only the list, and the plugins themselves."""
    names = "|".join(INSTALLED)
    imported = re.compile(rf"(?:from|import)\s+\.*[\w.]*\bplugins\.(?:{names})\b")
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        if imported.search(path.read_text())
    }
    assert found == set()


@pytest.mark.parametrize("folder", INSTALLED)
def test_the_rest_serves_without_a_plugin(copy: Path, folder: str) -> None:
    delete(copy, folder)
    told = probe(copy)
    assert told["email"] == "ada@example.com"
    assert told["bearer"] is (folder != "bearer")
    assert told["jwt"] is (folder != "jwt")
    # The sample API goes with the tokens that it asks for.
    assert (told["token"], told["tasks"]) == ((404, 404) if folder == "jwt" else (200, 401))


def test_plugin_comes_by_its_folder_and_a_line_and_goes_by_them(copy: Path) -> None:
    add(copy, SAMPLE)
    told = probe(copy, BETTER_AUTH_PLUGINS="postcards", DATABASE_URL="sqlite:///with.db")
    assert any(line.endswith("created the table postcard") for line in told["lines"])
    assert "motto" in told["fields"]
    off = probe(copy, DATABASE_URL="sqlite:///off.db")
    assert "motto" not in off["fields"]
    delete(copy, SAMPLE.name)
    gone = probe(copy, DATABASE_URL="sqlite:///without.db")
    assert {**gone, "lines": []} == {**off, "lines": []}
