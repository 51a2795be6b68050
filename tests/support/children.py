"""The children of the process that waits for orders: see `ready_process`."""

import os
import signal


class Children:
    """Those that run, and the pipe that each one's status is told to."""

    def __init__(self) -> None:
        self._pipes: dict[int, int] = {}

    def add(self, pid: int, pipe: int) -> None:
        self._pipes[pid] = pipe
        os.write(pipe, b"%d\n" % pid)

    def reap(self) -> None:
        for pid in list(self._pipes):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                pipe = self._pipes.pop(pid)
                os.write(pipe, b"%d\n" % os.waitstatus_to_exitcode(status))
                os.close(pipe)

    def end(self) -> None:
        for pid in self._pipes:
            os.kill(pid, signal.SIGTERM)
