"""Counters, gauges and histograms that cost nothing until somebody records them.

`metrics` declares all of them. `app.server.telemetry.recording` connects them to Prometheus.
"""

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVarTuple

from msgspec import Struct

LabelValue = str | int
Labels = TypeVarTuple("Labels")
# It is called with the values of the labels, and with what is added or observed.
Record = Callable[[tuple[LabelValue, ...], float], None]

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Label(Struct, frozen=True):
    """A label. `values`: all that it can have; `source`: where they come from, if it has none."""

    name: str
    values: Sequence[LabelValue] = ()
    source: str = ""


class Instrument(Generic[*Labels]):
    """What is recorded under one name. `meaning` is the help text in Prometheus."""

    def __init__(self, name: str, meaning: str, *labels: Label) -> None:
        self.name = name
        self.meaning = meaning
        self.labels = labels
        self.record: Record | None = None


class Counter(Instrument[*Labels]):
    """A number that only grows. Its name ends in `_total`."""

    def count(self, *labels: *Labels, by: float = 1) -> None:
        """Adds `by`. Does nothing while nobody records."""
        if self.record is not None:
            self.record(labels, by)  # type: ignore[arg-type]  # every label is a `LabelValue`


class Gauge(Instrument[*Labels]):
    """A number that grows and falls. That of all workers is their sum."""

    def change(self, *labels: *Labels, by: float) -> None:
        """Adds `by`, which may be negative."""
        if self.record is not None:
            self.record(labels, by)  # type: ignore[arg-type]  # as above


class Histogram(Instrument[*Labels]):
    """How long something takes, in seconds. Its name ends in `_seconds`."""

    def observe(self, seconds: float, *labels: *Labels) -> None:
        """Notes one duration."""
        if self.record is not None:
            self.record(labels, seconds)  # type: ignore[arg-type]  # as above


AnyInstrument = Instrument[*tuple[LabelValue, ...]]
