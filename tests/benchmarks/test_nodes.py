import os
import subprocess
import sys

from benchmarks.http_rows import SIGN_OUT
from benchmarks.nodes import Cost, describe, read_seconds

_BUSY = "sum(range(20_000_000)); print(flush=True); input()"


def test_table_says_what_a_core_of_postgresql_serves() -> None:
    measured = {("sign-out", 1): Cost(1, 0.4), ("sign-out", 3): Cost(2, 0.5)}
    *_, line = describe([SIGN_OUT], measured)
    assert line == "| `/sign-out` | 1.00 ms | 2.00 ms | 0.40 ms | 0.50 ms | 2,000/s | 4.0 |"


def test_time_of_a_program_counts_its_children_before_and_after_their_end() -> None:
    before = read_seconds([os.getpid()])
    command = [sys.executable, "-c", _BUSY]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as child:
        assert child.stdout is not None
        child.stdout.readline()
        during = read_seconds([os.getpid()])
        child.communicate(b"\n")
    assert before + 0.1 < during <= read_seconds([os.getpid()])
