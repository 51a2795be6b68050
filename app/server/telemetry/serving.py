"""Serves the metrics of this process, or those of all its workers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from socket import socket

from prometheus_client import CollectorRegistry

from .listener import listen
from .processes import Facts
from .recording import start_recording
from .sharing import SharedMetrics, open_shared_metrics


@contextmanager
def serve_own_metrics(sockets: Sequence[socket]) -> Iterator[None]:
    """Records and serves the metrics of this process while the block runs."""
    registry = CollectorRegistry()
    start_recording(registry)
    registry.register(Facts(list))
    with listen(sockets, registry):
        yield


@contextmanager
def serve_shared_metrics(
    sockets: Sequence[socket], list_workers: Callable[[], Sequence[int]]
) -> Iterator[SharedMetrics]:
    """Serves the metrics of the workers that start while the block runs.

    `list_workers` returns the ids of their processes.
    Raises OSError if there is no place for temporary files.
    """
    with open_shared_metrics() as shared:
        registry = CollectorRegistry()
        registry.register(shared)
        registry.register(Facts(list_workers))
        with listen(sockets, registry):
            yield shared
