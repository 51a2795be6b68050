"""Connects the metrics of the service to prometheus-client. Imported only where they are on."""

from collections.abc import Sequence
from itertools import product
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from ...models.telemetry import instruments, metrics
from ...models.telemetry.instruments import AnyInstrument, Label, LabelValue

MOST_SERIES: Final = 2000  # of one metric. All labels are from closed sets, so it is never reached
BEYOND: Final = "other"  # every label of what is beyond


def start_recording(registry: CollectorRegistry) -> None:
    """Records every metric of this process into the registry, from now on."""
    disable_created_metrics()  # the time when each series began: twice as many lines
    for each in metrics.ALL:
        each.record = _Recorder(each, registry).record


def stop_recording() -> None:
    """Records nothing any more."""
    for each in metrics.ALL:
        each.record = None


def is_recording() -> bool:
    """Whether this process records metrics."""
    return metrics.REQUESTS.record is not None


class _Recorder:
    """Records one metric. A series that can be known before starts at zero."""

    def __init__(self, instrument: AnyInstrument, registry: CollectorRegistry) -> None:
        self._family = _make_family(instrument, registry)
        self._labels = instrument.labels
        self._series: dict[tuple[LabelValue, ...], Counter | Gauge | Histogram] = {}
        if all(label.values for label in instrument.labels):
            for values in product(*(label.values for label in instrument.labels)):
                self._add_series(values)

    def record(self, labels: tuple[LabelValue, ...], amount: float) -> None:
        series = self._series.get(labels)
        if series is None:
            series = self._add_series(labels)
        if isinstance(series, Histogram):
            series.observe(amount)
        else:
            series.inc(amount)

    def _add_series(self, labels: tuple[LabelValue, ...]) -> Counter | Gauge | Histogram:
        if len(self._series) >= MOST_SERIES:
            labels = (BEYOND,) * len(self._labels)
            if labels in self._series:
                return self._series[labels]
        series = self._family.labels(*map(str, labels)) if labels else self._family
        self._series[labels] = series
        return series


def _make_family(
    instrument: AnyInstrument, registry: CollectorRegistry
) -> Counter | Gauge | Histogram:
    name, meaning = instrument.name, instrument.meaning
    labels = _list_names(instrument.labels)
    match instrument:
        case instruments.Histogram():
            buckets = instruments.SECONDS
            return Histogram(name, meaning, labels, registry=registry, buckets=buckets)
        case instruments.Gauge():
            return Gauge(name, meaning, labels, registry=registry, multiprocess_mode="livesum")
        case _:
            return Counter(name, meaning, labels, registry=registry)


def _list_names(labels: Sequence[Label]) -> list[str]:
    return [label.name for label in labels]
