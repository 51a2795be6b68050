"""Plain functions run in threads that are used again, and that no end of a process waits for."""

import gc
import subprocess
import sys
import threading
import time
from concurrent.futures import wait

import pytest

from app.server.hooks.daemon_threads import DaemonThreads

_HANGS = """
import time
from app.server.hooks.daemon_threads import DaemonThreads

threads = DaemonThreads(2, "hook")
threads.submit(time.sleep, 60)
print(threads.submit(lambda: "done").result())
"""


def test_process_ends_while_a_function_hangs() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _HANGS], capture_output=True, text=True, timeout=30, check=True
    )
    assert ran.stdout == "done\n"


def test_threads_are_as_many_as_are_needed_and_end_with_the_pool() -> None:
    pool, used = DaemonThreads(3, "hook"), list[threading.Thread]()

    def note(seconds: float) -> None:
        used.append(threading.current_thread())
        time.sleep(seconds)

    for _ in range(5):
        pool.submit(note, 0).result()
        time.sleep(0.01)
    assert len(set(used)) == 1
    wait([pool.submit(note, 0.05) for _ in range(9)])
    assert len(set(used)) == 3
    del pool
    gc.collect()
    for thread in set(used):
        thread.join(10)
        assert not thread.is_alive()


def test_future_has_what_the_function_raises_and_may_be_cancelled_before_it_begins() -> None:
    pool, leave = DaemonThreads(1, "hook"), threading.Event()
    running, waiting = pool.submit(leave.wait, 10), pool.submit(print)
    assert waiting.cancel()
    leave.set()
    assert running.result() is True
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 / 0).result()
