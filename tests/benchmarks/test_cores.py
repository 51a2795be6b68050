"""Programs are found by their parents, so that none is moved that nobody meant."""

import os
import subprocess
import sys

import pytest

from benchmarks import cores

_WAITS = "input()"


def test_program_that_is_gone_has_no_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    with pytest.raises(ProcessLookupError):
        cores.parent(ended.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere programs are bound to no cores")
def test_program_is_moved_and_the_one_that_started_it_is_not() -> None:
    before, first = cores.of_machine(), cores.of_machine()[0]
    with subprocess.Popen([sys.executable, "-c", _WAITS], stdin=subprocess.PIPE) as waiting:
        assert cores.parent(waiting.pid) == os.getpid()
        cores.move(waiting.pid, [first])
        assert cores.of_program(waiting.pid) == (first,)
        waiting.terminate()
    assert cores.of_machine() == before
