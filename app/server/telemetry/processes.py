"""Facts about the processes of the service, for Prometheus: version, memory, CPU time."""

import os
import platform
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Final

from prometheus_client import ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ... import __version__

BUILD: Final = "better_auth_build_info"
WORKERS: Final = "better_auth_workers"
FACTS: Final = {
    BUILD: "Always 1; the labels are the version of this service, and of Python.",
    WORKERS: "Processes that serve requests.",
}
_CPU: Final = "process_cpu_seconds"
_OLDEST: Final = "process_start_time_seconds"
_LEAST: Final = "process_max_fds"
_ADDED: Final = (
    "process_virtual_memory_bytes",
    "process_resident_memory_bytes",
    "process_open_fds",
)


class Facts(Collector):
    """Collects the facts. `list_workers` returns the ids of the worker processes, if there are any.

    Memory, CPU time and open files are those of all processes together. The CPU time of a worker
    that ended counts as it was last seen.
    """

    def __init__(self, list_workers: Callable[[], Sequence[int]]) -> None:
        self._list_workers = list_workers
        self._seen: dict[int, float] = {}
        self._ended = 0.0
        self._lock = Lock()  # a reader that is overtaken would take a process for ended

    def collect(self) -> Iterable[Metric]:
        build = GaugeMetricFamily(BUILD, FACTS[BUILD], labels=["version", "python"])
        build.add_metric([__version__, platform.python_version()], 1)
        yield build
        with self._lock:
            workers = self._list_workers()
            added_up = list(self._add_up([os.getpid(), *workers]))
        yield GaugeMetricFamily(WORKERS, FACTS[WORKERS], len(workers) or 1)
        yield from added_up

    def _add_up(self, pids: Sequence[int]) -> Iterable[Metric]:
        found: defaultdict[str, list[float]] = defaultdict(list)
        documentation: dict[str, str] = {}
        cpu: dict[int, float] = {}
        for pid in pids:
            for metric in _read_process(pid):
                documentation[metric.name] = metric.documentation
                found[metric.name].append(metric.samples[0].value)
                if metric.name == _CPU:
                    cpu[pid] = metric.samples[0].value
        for name, values in found.items():
            if name != _CPU:
                total = _combine(name, values)
                yield GaugeMetricFamily(name, documentation[name], total)
        if cpu:
            yield CounterMetricFamily(_CPU, documentation[_CPU], self._add_cpu(cpu))

    def _add_cpu(self, now: dict[int, float]) -> float:
        # An id that has less than before is that of another process.
        over = (seen for pid, seen in self._seen.items() if now.get(pid, -1.0) < seen)
        self._ended += sum(over)
        self._seen = now
        return self._ended + sum(now.values())


def _combine(name: str, values: Sequence[float]) -> float:
    if name in (_OLDEST, _LEAST):
        return min(values)
    return sum(values)


def _read_process(pid: int) -> Iterable[Metric]:
    """Returns nothing for a process that has ended, or on a system without /proc."""
    try:
        return list(ProcessCollector(pid=lambda: pid, registry=None).collect())
    except UnboundLocalError:  # what the library raises for one that nobody has waited for yet
        return []
