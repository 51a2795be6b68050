"""`make coverage` comes to its end."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_ENDING = """
import sys
from threading import Thread
from tests.support import traced

def work():
    return sum(range(50))

sys.setswitchinterval(1e-5)
traced.let_threads_end()
for _ in range(200):
    threads = [Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("ended")
"""


def test_threads_that_end_together_do_not_stop_a_traced_process(tmp_path: Path) -> None:
    (tmp_path / "ending.py").write_text(_ENDING)
    options = ["--branch", "--concurrency=thread,greenlet", f"--data-file={tmp_path / 'data'}"]
    done = subprocess.run(
        [sys.executable, "-m", "coverage", "run", *options, "ending.py"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == "ended\n", done.stderr
