"""`examples/nextjs-todo` as one who works on it finds it: types, after `npm run dev`, too."""

import json
import shutil
from pathlib import Path

import pytest

from tests.support import node, programs
from tests.support.pages import block
from tests.system.e2e.next_app import EXAMPLE, built_app
from tests.system.e2e.place import Connection
from tests.system.js_client import service

from .apps import environ, new_app, next_program, type_faults

pytestmark = pytest.mark.xdist_group("nextjs-todo")

_SOURCES = shutil.ignore_patterns(
    "node_modules", "package-lock.json", ".builds", ".next", "*.tsbuildinfo"
)
_CLIENT = """
import { jwtClient } from "better-auth/client/plugins";
import { createAuthClient } from "better-auth/react";
export const authClient = createAuthClient({ plugins: [jwtClient()] });
export const token = () => authClient.token();
"""


@pytest.fixture
def app() -> Path:
    """A copy below the example, where its `node_modules` are found."""
    node.install(EXAMPLE)
    folder = EXAMPLE / ".builds" / "types"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(EXAMPLE, folder, ignore=_SOURCES)
    return folder


def test_what_the_development_server_leaves_behind_passes_the_check_of_the_build(app: Path) -> None:
    port = programs.free_port()
    command = [str(node.node()), str(next_program()), "dev", "--port", str(port)]
    with programs.running(command, environ(), app, port):
        pass
    assert (app / ".next" / "dev" / "types" / "validator.ts").is_file()
    assert type_faults(app) == ""


def test_the_built_app_passes_the_check_of_the_build() -> None:
    built = built_app(Connection.ONE_ORIGIN)
    assert (built / ".next" / "types" / "validator.ts").is_file()
    assert type_faults(built) == ""


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"strict": False, "strictNullChecks": True}, ""),
        ({"strict": False}, "Expected 1-2 arguments, but got 0"),
    ],
    ids=str,
)
def test_the_client_s_types_need_strict_null_checks(
    app: Path, options: dict[str, bool], fault: str
) -> None:
    """The page on front ends says so, in these words."""
    folder = app / "typed"
    folder.mkdir()
    (folder / "client.ts").write_text(_CLIENT)
    told = {"extends": "../tsconfig.json", "compilerOptions": options, "include": ["client.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(told))
    faults = type_faults(folder)
    assert (fault in faults) if fault else faults == ""
    assert fault in (service.ROOT / "docs" / "front-ends.md").read_text()


def test_lines_for_the_client_are_whole_files() -> None:
    """Those of the pages; where they run, other tests do run them."""
    blocks = {
        "readme.ts": block("README.md", "Point a front end at it", "ts"),
        "next.config.ts": block("docs/front-ends.md", "One origin", "ts"),
        "one.ts": block("docs/front-ends.md", "One origin", "ts", 1),
        "two.ts": block("docs/front-ends.md", "Two origins of one site", "ts"),
    }
    assert type_faults(new_app("client", blocks)) == ""
