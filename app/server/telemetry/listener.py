"""Serves /metrics on an address of its own, in threads of its own."""

import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import ThreadingHTTPServer
from threading import BoundedSemaphore, Thread
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import MetricsHandler

from ...models.telemetry.log_events import log_event

PATH: Final = "/metrics"
SECONDS: Final = 5.0  # that a client may take for each step
MOST: Final = 16  # connections at a time. Each takes a thread and a file, which requests need
_POLL: Final = 0.1  # seconds until a listener notices that it must end
_Request = socket.socket | tuple[bytes, socket.socket]
_log = logging.getLogger("better_auth.metrics")


@contextmanager
def listen(sockets: Sequence[socket.socket], registry: CollectorRegistry) -> Iterator[None]:
    """Serves what the registry collects, on these bound sockets, while the block runs."""
    with ExitStack() as open_listeners:
        for bound in sockets:
            open_listeners.enter_context(_listen_on(bound, registry))
        yield


@contextmanager
def _listen_on(bound: socket.socket, registry: CollectorRegistry) -> Iterator[None]:
    server = _Server(bound, MetricsPage.factory(registry))
    thread = Thread(target=server.serve_forever, args=(_POLL,), name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class MetricsPage(MetricsHandler):
    """Answers `GET /metrics`. Every other path is 404."""

    timeout = SECONDS  # of the connection: a client that says nothing ends

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """One request."""
        if self.path.partition("?")[0] != PATH:
            self.send_error(404, explain=f"Metrics are at {PATH}")
            return
        try:
            super().do_GET()
        except OSError:
            raise  # of a client that left
        except Exception as fault:  # noqa: BLE001  # Prometheus sees that it failed
            name = type(fault).__name__
            log_event(_log, "metrics not collected", logging.ERROR, fault=name)
            self.send_error(500)

    def version_string(self) -> str:
        """The header `Server`, without the version of Python."""
        return "better-auth"


class _Server(ThreadingHTTPServer):
    # With 5 of `http.server` a client that comes among many is put off by the system for seconds.
    request_queue_size = 128

    def __init__(self, bound: socket.socket, handler: type[MetricsHandler]) -> None:
        super().__init__(bound.getsockname(), handler, bind_and_activate=False)
        self.socket.close()  # the one that it made, for IPv4
        self.socket = bound
        self._free = BoundedSemaphore(MOST)
        self.server_activate()

    def process_request(self, request: _Request, client_address: object) -> None:
        """Serves one connection in a thread of its own. Closes one too many."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: _Request, client_address: object) -> None:
        """The thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: a client that left is no fault of this service."""
