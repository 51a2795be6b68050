"""Podman with a storage of its own, so that what the tests build is nowhere among your images.

Images can't be pulled everywhere: the base of `Dockerfile` is made of Debian's packages, and has
the real one's name in that storage. It is kept, like the layers of the build, from run to run.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
_IMAGE: Final = "localhost/better-auth-python"
_PACKAGES: Final = "localhost/better-auth-packages"  # keeps the layers that seldom change
COMPOSE: Final = str(Path(sys.executable).with_name("podman-compose"))
_SECONDS: Final = 600  # that one command may take, such as the build of an image
_MISSING: Final = "not installed, or not root: apt install podman runc mmdebstrap"
_CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
_LOCK: Final = ROOT / "requirements.txt"
_KEPT: Final = _CACHE / "better-auth-python" / "images"
_SETTINGS: Final = """
[containers]
default_ulimits = []  # the default raises limits, which not every sandbox allows
[engine]
runtime = "runc"  # crun takes no machine that has both versions of cgroups
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
_FROM_HERE: Final = "[global]\nno-index = true\nfind-links = /wheels\n"
_PATH: Final = (
    "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)


def prepare_podman() -> None:
    """Writes its settings. Skips the test where images can't be built, except in CI."""
    found = all(map(shutil.which, ("podman", "runc", "mmdebstrap")))
    if not found or os.geteuid() != 0:
        if os.environ.get("CI") == "true":
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    with _alone():
        (_KEPT / "containers.conf").write_text(_SETTINGS)
        (_KEPT / "pip.conf").write_text(_FROM_HERE)


def podman(*arguments: str | Path, fails: bool = False) -> str:
    """What it prints; with `fails` also what it complains of, whatever its status is."""
    command = [*_get_command(), *map(str, arguments)]
    done = subprocess.run(
        command, env=_environ(), capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    said = "".join(line for line in done.stderr.splitlines(keepends=True) if _is_said(line))
    if fails:
        return done.stdout + said
    assert done.returncode == 0, f"{' '.join(map(str, arguments))}: {said[-2000:]}"
    return done.stdout.strip()


def write_program(path: Path) -> Path:
    """Writes a program that is this Podman, for those that call one."""
    variables = f"CONTAINERS_CONF={_KEPT / 'containers.conf'}"
    _, *options = _get_command()
    program = f"{shutil.which('podman')} {' '.join(options)}"
    path.write_text(f'#!/bin/sh\nexec env {variables} {program} "$@"\n')
    path.chmod(0o755)
    return path


def build() -> str:
    """Builds the image of `Dockerfile`, whichever test process asks first. Returns its id."""
    with _alone():
        _make_base()
        options = ("--layers", "--format", "docker", "--isolation", "chroot", "--pull=never")
        wheels = ("--volume", f"{_download_wheels()}:/wheels:ro")
        pip = ("--volume", f"{_KEPT / 'pip.conf'}:/etc/pip.conf:ro")
        command = ("build", "--quiet", *options, *wheels, *pip)
        podman(*command, "--target", "packages", "--tag", _PACKAGES, ROOT)
        image = podman(*command, "--tag", _IMAGE, ROOT)
        podman("image", "prune", "--force", "--filter=until=1h")  # of former runs
    return image


def _make_base() -> None:
    """Makes what the real one has as far as we use it: a Python with venv, and no compiler."""
    tag = _get_base().rpartition(":")[2]
    if not podman("images", "--quiet", _get_base()):
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "base.tar"
            _run("mmdebstrap", *_list_parts(tag), tag.rpartition("-")[2], archive)
            podman("import", "--change", _PATH, archive, _get_base())


def _list_parts(tag: str) -> Iterator[str]:
    yield from ("--quiet", "--mode=root", "--variant=minbase")
    yield "--include=python3,python3-venv"
    # To exclude paths, mmdebstrap sends each package through a Python of its own.
    left_out = " ".join(f'"$1/usr/share/{each}"' for each in ("man", "doc", "locale", "info"))
    yield f"--customize-hook=rm -rf {left_out}"
    version = tag.partition("-")[0]
    for name in ("python", "python3"):
        yield f'--customize-hook=ln -s /usr/bin/python{version} "$1/usr/local/bin/{name}"'


def _get_base() -> str:
    """The name that `Dockerfile` gives its base."""
    text = (ROOT / "Dockerfile").read_text()
    tag = re.search(r"^ARG PYTHON=(\S+)$", text, re.MULTILINE)
    name = re.search(r"^FROM (\S+):\$\{PYTHON\}$", text, re.MULTILINE)
    assert tag is not None
    assert name is not None
    return f"{name[1]}:{tag[1]}"


def _download_wheels() -> Path:
    """Those that the image's pip takes; what was downloaded before stays there."""
    folder = _KEPT / "wheels"
    state = hashlib.sha256(f"{_get_base()} {_LOCK.read_text()}".encode()).hexdigest()[:12]
    if (done := folder / f"{state}.done").exists():
        return folder
    version = _get_base().rpartition(":")[2].partition("-")[0]
    machine = platform.machine()
    kinds = [f"--platform=manylinux_{each}_{machine}" for each in ("2_17", "2_28")]
    target = (f"--python-version={version}", *kinds, f"--platform=manylinux2014_{machine}")
    wanted = ("--no-deps", "--require-hashes", "--only-binary=:all:", "--dest", folder)
    _run(sys.executable, "-m", "pip", "download", "--quiet", *wanted, *target, "-r", _LOCK)
    done.touch()
    return folder


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stderr[-2000:]}"


def _get_command() -> tuple[str, ...]:
    """Its state is of this start of the machine: what mounts it notes does not outlive it."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    state = Path(tempfile.gettempdir()) / f"better-auth-images-{boot}"
    return (
        "podman",
        f"--root={_KEPT / 'storage'}",
        f"--runroot={state}",
        f"--tmpdir={state / 'libpod'}",
        "--storage-driver=overlay",
    )


def _environ() -> dict[str, str]:
    return {**os.environ, "CONTAINERS_CONF": str(_KEPT / "containers.conf")}


def _is_said(line: str) -> bool:
    """Without systemd, Podman complains that it can't start its timer for the health check."""
    return "unable to get systemd connection" not in line


@contextmanager
def _alone() -> Iterator[None]:
    """Test processes, and other clones, wait for each other."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
