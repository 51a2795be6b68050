"""What is said of the processes, whoever asks at the same time."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from app.server.telemetry import processes
from app.server.telemetry.processes import Facts

CPU = "process_cpu_seconds"


def test_cpu_time_counts_once_with_several_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = count(1)

    def read(_pid: int) -> Iterable[Metric]:
        yield GaugeMetricFamily(CPU, "Spent.", next(spent))
        time.sleep(0.001)  # another reader overtakes this one

    monkeypatch.setattr(processes, "_read_process", read)
    facts = Facts(list)

    def collect(_: int) -> float:
        return max(each.samples[0].value for each in facts.collect() if each.name == CPU)

    with ThreadPoolExecutor(8) as readers:
        seen = max(readers.map(collect, range(100)))
    assert seen == next(spent) - 1
