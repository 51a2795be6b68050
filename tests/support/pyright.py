"""Pyright in its strict mode, as an application of ours runs it."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import node

_PACKAGING = Path(__file__).parents[1] / "system" / "packaging"  # whose lock has it


def run_pyright(python: Path, folder: Path, checked: Sequence[Path], **rules: object) -> str:
    """What it says of these files, with the libraries of this Python; `folder` is for its project.

    `rules` are those of `pyrightconfig.json`.
    """
    node.install(_PACKAGING)
    project = Path(tempfile.mkdtemp(dir=folder))  # pyright passes over absolute paths
    for path in checked:
        shutil.copy(path, project)
    (project / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict", **rules}))
    program = _PACKAGING / "node_modules" / "pyright" / "index.js"
    command = [node.node(), program, "--project", project, "--pythonpath", python]
    done = subprocess.run(
        [str(part) for part in command], cwd=project, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr
