"""The metrics of several workers: files in a folder that only this user can read, added up.

Source: the multiprocess mode of prometheus-client.
"""

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from ...models.telemetry.log_events import log_event
from ...settings.system import find_metrics_folder, publish_metrics_folder
from ...storage.sqlite.folder_lock import lock_folder
from .recording import is_recording, start_recording

# Bytes of a file, more than the series of all routes need. Who writes into a part of a file that
# has no place on a full disk is ended by the system (SIGBUS), so the place is taken before.
SIZE: Final = 2 << 20
_GROWING: Final = ("counter", "histogram")
_ALL: Final = (*_GROWING, "gauge_livesum")
_PREFIX: Final = "better-auth-metrics-"
_NEW: Final = 60.0  # seconds
_ENDED: Final = "ended"  # in place of the id of a process
_log = logging.getLogger("better_auth.metrics")


class SharedMetrics(Collector):
    """Adds up the files of all workers, also of those that ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = MultiProcessCollector(None, str(folder))
        self._lock = Lock()  # nothing is counted twice while two files become one

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            return list(self._files.collect())

    def forget_worker(self, pid: int) -> None:
        """Keeps what a worker counted, without its files, and drops its gauges.

        Otherwise each restart of a worker would leave files for ever.
        """
        with self._lock:
            mark_process_dead(pid, str(self._folder))
            for kind in _GROWING:
                self._fold(self._folder / f"{kind}_{pid}.db", self._folder / f"{kind}_{_ENDED}.db")

    def _fold(self, of_worker: Path, of_ended: Path) -> None:
        if not of_worker.exists():
            return
        total = MmapedDict(str(of_ended))
        for key, value, *_ in MmapedDict.read_all_values_from_file(str(of_worker)):
            total.write_value(key, total.read_value(key)[0] + value, 0.0)
        total.close()
        of_worker.unlink()


@contextmanager
def open_shared_metrics() -> Iterator[SharedMetrics]:
    """Makes the folder, and names it to the workers that start in the block.

    Raises OSError if there is no place for temporary files.
    """
    _remove_left_folders()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))  # 0700
    try:
        _reserve_files(folder, _GROWING, _ENDED)
        with lock_folder(folder), publish_metrics_folder(folder):
            yield SharedMetrics(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def record_for_parent() -> None:
    """Records the metrics of this worker for its parent. On a full disk it serves without them."""
    if is_recording():
        return
    folder = find_metrics_folder()
    try:
        if folder is not None:
            _reserve_files(folder, _ALL, str(os.getpid()))
    except OSError as fault:
        log_event(_log, "metrics not recorded", logging.ERROR, reason=fault.strerror)
        return
    start_recording(CollectorRegistry())


def _remove_left_folders() -> None:
    """Removes folders of parents that were killed: nobody has them locked any more."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            is_new = time.time() - left.stat().st_mtime < _NEW  # it may not be locked yet
            with lock_folder(left, unlockable=False) as is_free:
                if is_free and not is_new:
                    shutil.rmtree(left)


def _reserve_files(folder: Path, kinds: Sequence[str], owner: str) -> None:
    """Makes files that are empty and have all their place. Raises OSError."""
    for kind in kinds:
        new = folder / f"{kind}_{owner}.new"
        try:
            new.write_bytes(bytes(SIZE))
            new.rename(new.with_suffix(".db"))
        finally:
            new.unlink(missing_ok=True)
