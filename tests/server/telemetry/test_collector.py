"""A real collector gets what the service sends: OTLP by HTTP, as protobuf."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.server.telemetry.tracing import _REMEDY
from tests.commands.program import SECRET, environment
from tests.server.telemetry.test_workers import _free
from tests.support.pages import block
from tests.support.served import SECONDS, Running, until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


class Collector(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[ExportTraceServiceRequest] = []
        self.seen: list[tuple[str, str | None]] = []

    def names(self) -> dict[str, str]:
        """The id of the trace, by the name of the span."""
        return {
            span.name: span.trace_id.hex()
            for request in list(self.requests)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }

    def resource(self) -> dict[str, str]:
        found = self.requests[0].resource_spans[0].resource.attributes
        return {each.key: each.value.string_value for each in found}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.path, self.headers["x-key"]))
        self.server.requests.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as found:
        Thread(target=found.serve_forever, args=(0.05,), daemon=True).start()
        yield found
        found.shutdown()


@contextmanager
def traced(folder: Path, **given: str) -> Iterator[Running]:
    port = _free()
    own = environment(
        BETTER_AUTH_SECRET=SECRET,
        HOST="127.0.0.1",
        PORT=str(port),
        LOG_FORMAT="json",
        NO_PROXY="127.0.0.1",
        **given,
    )
    with (folder / "out").open("w") as out, (folder / "err").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=folder,
            env=own,
            stdout=out,
            stderr=errors,
            text=True,
        )
        running = Running(port, process)
        try:
            until(lambda: _is_up(running))
            yield running
        finally:
            process.kill()
            process.wait()


def _is_up(running: Running) -> bool:
    try:
        return running.ask("/api/auth/ok") == b'{"ok":true}'
    except OSError:
        return False


def test_collector_gets_the_trace_that_the_log_has(collector: Collector, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "OTEL_SERVICE_NAME=sign-in\nOTEL_EXPORTER_OTLP_HEADERS=x-key=k\n"
    )
    endpoint = f"http://127.0.0.1:{collector.server_port}"
    with traced(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as running:
        head = f"traceparent: {TRACEPARENT}\r\nconnection: close\r\n".encode()
        running.send(b"GET /api/auth/get-session HTTP/1.1\r\nhost: x\r\n%s\r\n" % head)
        assert running.end() == 0  # what is not sent yet is sent now
    names = collector.names()
    assert names["GET /api/auth/get-session"] == TRACE
    assert names["GET /api/auth/ok"] != TRACE
    assert set(collector.seen) == {("/v1/traces", "k")}
    assert collector.resource()["service.name"] == "sign-in"
    assert collector.resource()["service.version"]
    lines = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    (line,) = [each for each in lines if each.get("route") == "/api/auth/get-session"]
    assert line["trace_id"] == TRACE


def test_collector_that_hangs_delays_neither_requests_nor_the_end(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as silent:  # it accepts, and never reads
        endpoint = f"http://127.0.0.1:{silent.server_port}"
        given = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "50"}
        with traced(tmp_path, **given) as running:
            for _ in range(5):
                assert running.ask("/api/auth/ok") == b'{"ok":true}'
            start = time.monotonic()
            assert running.end() == 0
            assert time.monotonic() - start < SECONDS / 2


def test_page_names_the_lock_that_the_refusal_names() -> None:
    assert block("docs/traces.md", "Traces", "sh").strip() in _REMEDY
