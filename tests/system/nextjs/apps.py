"""Next.js apps below the example, where its `node_modules` are found."""

import atexit
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.support import node
from tests.system.e2e.next_app import BUILDS, EXAMPLE, UNCHECKED, running_copy, set_options
from tests.system.js_client import service

_MODULES = EXAMPLE / "node_modules"
_LAYOUT = """
export default function Layout({ children }: { children: React.ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
"""


def new_app(name: str, files: Mapping[str, str]) -> Path:
    """What `create-next-app` makes, as far as it matters, and these files."""
    node.install(EXAMPLE)
    folder = BUILDS / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(EXAMPLE / "tsconfig.json", folder)
    package = {"name": name, "private": True, "type": "module"}
    for path, text in {
        "package.json": json.dumps(package),
        "app/layout.tsx": _LAYOUT,
        **files,
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@contextmanager
def served(
    name: str, files: Mapping[str, str], texts: Mapping[str, str], port: int
) -> Iterator[None]:
    """Built from these files, as for production, then served with the second texts for the first.

    A fault of types is a fault. It is built where the files or the packages are others than the
    last time, because that takes 20 seconds of CPU.
    """
    built = BUILDS / name
    with running_copy(built, lambda: _build_once(built, files), texts, environ(), port):
        yield


def _build_once(built: Path, files: Mapping[str, str]) -> None:
    read = [(EXAMPLE / each).read_text() for each in ("package-lock.json", "tsconfig.json")]
    stamp, wanted = built / ".built", json.dumps([dict(files), _LAYOUT, *read])
    if not stamp.exists() or stamp.read_text() != wanted:
        new_app(built.name, files)
        set_options(built, UNCHECKED)
        done = _next(built, "build")
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        assert type_faults(built) == ""
        stamp.write_text(wanted)


def type_faults(folder: Path) -> str:
    """What TypeScript finds wrong there, by the folder's `tsconfig.json`."""
    process = _checker()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(str(folder)) + "\n")
    process.stdin.flush()
    faults: str = json.loads(process.stdout.readline() or '"the process that checks types ended"')
    return faults


@cache
def _checker() -> "subprocess.Popen[str]":
    program = Path(__file__).parent / "types.mjs"
    process = subprocess.Popen(
        [str(node.node()), str(program), str(EXAMPLE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.communicate)
    return process


def next_program() -> Path:
    return _MODULES / "next" / "dist" / "bin" / "next"


def environ() -> dict[str, str]:
    kept = {k: v for k, v in service.inherited().items() if k != "PYTHONPATH"}
    return {**kept, "NEXT_TELEMETRY_DISABLED": "1"}


def _next(folder: Path, command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(node.node()), str(next_program()), command],
        cwd=folder,
        env=environ(),
        check=False,
        capture_output=True,
        text=True,
    )
