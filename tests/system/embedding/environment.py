"""The frameworks of the lock, beside the checkout under the name that its package has."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements-embedding.txt"
_BUILT = ROOT / "build" / "embedding"  # git and the checks pass over build/


@cache
def frameworks() -> Path:
    """A folder for `PYTHONPATH`, made once for a state of the lock."""
    folder = _BUILT / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    with LOCK.open() as shared:
        fcntl.flock(shared, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(_BUILT, ignore_errors=True)
            options = ("--require-hashes", "--no-deps", "--requirement", LOCK, "--target", folder)
            command = (sys.executable, "-m", "uv", "--quiet", "pip", "install", *options)
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            (folder / "better_auth_service").symlink_to(ROOT / "app")
            (folder / "ready").touch()
    return folder
