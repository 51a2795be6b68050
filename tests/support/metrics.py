"""What this process counts, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry

from app.server.telemetry.recording import start_recording, stop_recording

LISTEN = "127.0.0.1:9464"  # `METRICS_LISTEN` of a service in process, which does not listen


class Recorded:
    """The metrics since the block began. A name stands without `better_auth_`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

    def get(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"better_auth_{name}", labels)

    def series(self, name: str) -> dict[tuple[str, ...], float]:
        """All series above zero, by the values of their labels in the order of their names."""
        samples = (each for family in self.registry.collect() for each in family.samples)
        return {
            tuple(value for _, value in sorted(each.labels.items())): each.value
            for each in samples
            if each.name == f"better_auth_{name}" and each.value
        }

    def count_series(self) -> int:
        return sum(len(family.samples) for family in self.registry.collect())


@contextmanager
def recording() -> Iterator[Recorded]:
    recorded = Recorded()
    start_recording(recorded.registry)
    try:
        yield recorded
    finally:
        stop_recording()
