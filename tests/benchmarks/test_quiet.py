"""A measurement waits for a quiet machine, but not for ever."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from benchmarks.quiet import await_quiet, is_quiet


@pytest.fixture
def _busy() -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True)\nwhile True: pass"], stdout=-1
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.kill()


@pytest.mark.usefixtures("_busy")
def test_working_machine_is_not_quiet() -> None:
    assert not is_quiet()


@pytest.mark.usefixtures("_busy")
def test_patience_ends() -> None:
    await_quiet(0.1)
