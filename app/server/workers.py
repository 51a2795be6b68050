"""Worker processes: one that ends is replaced, and all end with their parent."""

import itertools
import logging
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from socket import socket

from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from ..models.telemetry.log_events import log_event
from .one_server import OneServer
from .sharing import Counts, SharingServer

AGAIN = 5.0  # seconds between two workers that begin in the same place
_log = logging.getLogger("better_auth.serving")


class Workers(Multiprocess):
    """The first worker must serve before the others start, so an error is printed once.

    After that, a worker that ends or cannot restart does not affect the others: they continue if a
    store is down. Only if no worker is left, a failed start ends the service. `on_end` is called
    with the id of each process that has ended while others serve.
    """

    processes: "list[_Worker]"  # type: ignore[assignment]  # uvicorn's are all of its own class

    def __init__(self, config: Config, sockets: list[socket], start_seconds: int) -> None:
        super().__init__(config, sockets)
        self.on_end: Callable[[int], None] = _skip
        self._start_seconds = start_seconds
        self._failed = False
        self._counts = _make_counts()
        self._places = itertools.count()

    def list_pids(self) -> list[int]:
        """Returns the ids of the processes of all workers."""
        return [worker.pid for worker in list(self.processes) if worker.pid is not None]

    def run(self) -> None:
        """Runs the workers. Raises SystemExit if they cannot serve."""
        super().run()
        if self._failed:
            raise SystemExit(STARTUP_FAILURE)

    def init_processes(self) -> None:
        first = self._start_worker()
        if self._wait_for_start(first):
            first.has_served = True
            others = [self._start_worker() for _ in range(1, self.processes_num)]
            self.processes += [first, *others]
            return
        first.kill()
        first.join()
        if not self.should_exit.is_set():
            raise SystemExit(STARTUP_FAILURE)

    def keep_subprocess_alive(self) -> None:
        for at, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if not worker.is_noted and self._is_lost(worker):
                self._note_end(worker)
            if worker.is_noted and time.monotonic() >= worker.began + AGAIN:
                self.processes[at] = self._start_worker()

    def _is_lost(self, worker: "_Worker") -> bool:
        """Whether a worker hangs. A starting worker is not checked: waiting blocks signals."""
        if worker.exitcode is not None:
            return True
        if worker.has_served:
            return not worker.ping(self.config.timeout_worker_healthcheck)
        worker.ping(0.05)
        return time.monotonic() >= worker.began + self._start_seconds

    def restart_all(self) -> None:
        """Restarts one worker after the other, so that one always serves."""
        for at, old in enumerate(self.processes):
            new = self._start_worker()
            if not new.wait_until_ready(self._start_seconds, self.should_exit):
                new.kill()
                self._wait_for_end(new)
                log_event(_log, "new worker does not start, the old ones stay", logging.ERROR)
                return
            old.terminate()
            self._wait_for_end(old)
            self.processes[at] = new

    def terminate_all(self) -> None:
        """Ends all workers, and the copy of the port that nobody would answer at."""
        for listening in self.sockets:
            listening.close()
        super().terminate_all()

    def handle_ttin(self) -> None:
        """Adds a worker."""
        self.processes_num += 1
        self.processes.append(self._start_worker())

    def handle_ttou(self) -> None:
        """Ends a worker, unless it is the last."""
        if len(self.processes) > 1:
            self.processes_num -= 1
            worker = self.processes.pop()
            worker.terminate()
            self._wait_for_end(worker)

    def _wait_for_end(self, worker: "_Worker") -> None:
        worker.join()
        if self._counts is not None:
            self._counts.forget(worker.place)
        if worker.pid is not None:
            self.on_end(worker.pid)

    def _wait_for_start(self, worker: "_Worker") -> bool:
        deadline = time.monotonic() + self._start_seconds
        while time.monotonic() < deadline and worker.process.is_alive():
            if worker.is_ready(timeout=1):
                return True
            self.handle_signals()
            if self.should_exit.wait(0.1):
                break
        return False

    def _start_worker(self) -> "_Worker":
        worker = _Worker(self.config, self.sockets, self._counts, next(self._places))
        worker.start()
        return worker

    def _note_end(self, worker: "_Worker") -> None:
        worker.kill()  # one that hangs
        self._wait_for_end(worker)
        worker.is_noted = True
        if worker.exitcode == STARTUP_FAILURE and not any(map(_is_serving, self.processes)):
            log_event(_log, "no worker serves, and none starts", logging.ERROR)
            self._failed = True
            self.should_exit.set()
            return
        how = _describe_exit(worker.exitcode or 0)
        log_event(_log, "worker ended and is replaced", logging.ERROR, pid=worker.pid, by=how)


class _Worker(Process):
    has_served = False
    is_noted = False  # whether the log has its end

    def __init__(
        self, config: Config, sockets: list[socket], counts: Counts | None, place: int
    ) -> None:
        super().__init__(config, sockets)
        self.began = time.monotonic()
        self.place = place
        self._counts = counts

    def target(self, sockets: list[socket] | None = None) -> None:
        """The function that runs in the worker."""
        threading.Thread(target=_end_with_parent, daemon=True).start()
        if self._counts is None:
            self._server = OneServer(self.config)
        else:
            self._server = SharingServer(self.config, self._counts, self.place)
        super().target(sockets)

    def ping(self, timeout: float = 5) -> bool:
        with suppress(OSError, EOFError):  # answers that came too late
            while self.parent_conn.poll():
                self.has_served = self.parent_conn.recv() or self.has_served
        started = self._healthcheck(timeout)
        self.has_served = self.has_served or started is True
        return started is not None


def _make_counts() -> Counts | None:
    """Returns None where the system shares the connections: on Windows, or without room for it."""
    try:
        return None if sys.platform == "win32" else Counts()
    except OSError:  # nothing can be written, not even in memory
        return None


def _skip(_pid: int) -> None:
    """Does nothing."""


def _is_serving(worker: _Worker) -> bool:
    return worker.exitcode is None and worker.has_served


def _describe_exit(status: int) -> str:
    if status < 0:
        return signal.Signals(-status).name
    return f"status {status}"


def _end_with_parent() -> None:
    """Ends this worker when its parent ends. An orphan would keep the port."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    signal.raise_signal(signal.SIGTERM)
