"""A server whose answers are known."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import programs
from tests.client import service


@pytest.fixture
def trivial(tmp_path: Path) -> Iterator[int]:
    """The port of a server that answers everything with `{"ok":true}`."""
    port = programs.free_port()
    command = [sys.executable, "-m", "benchmarks.trivial", str(port)]
    with programs.running(command, service.inherited(), tmp_path, port):
        yield port
