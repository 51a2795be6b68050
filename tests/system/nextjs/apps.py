"""Next.js apps below the example, where its `node_modules` are found."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support import node, programs
from tests.system.e2e.next_app import EXAMPLE
from tests.system.js_client import service

_MODULES = EXAMPLE / "node_modules"
_TERMINATED = 143  # what `next start` ends with after SIGTERM
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
    folder = EXAMPLE / ".builds" / name
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
def served(folder: Path, port: int) -> Iterator[None]:
    """Built, as for production; a fault of types is a fault."""
    built = _next(folder, "build")
    assert built.returncode == 0, f"{built.stdout}\n{built.stderr}"
    command = [str(node.node()), str(next_program()), "start", "--port", str(port)]
    with programs.running(command, environ(), folder, port, ends_with=_TERMINATED):
        yield


def type_faults(folder: Path) -> str:
    command = [str(node.node()), str(_MODULES / "typescript" / "bin" / "tsc"), "--noEmit"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    return done.stdout


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
