"""The address of metrics answers /metrics, to anybody, and nothing else."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse

import pytest
from prometheus_client import CollectorRegistry, Gauge, Metric
from prometheus_client.registry import Collector

from app.server.http_server import METRICS, ServingError, bind
from app.server.telemetry import listener
from app.server.telemetry.listener import listen
from tests.support.logged import Lines


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listeners end soon."""
    monkeypatch.setattr(listener, "_POLL", 0.01)


@pytest.fixture(params=["127.0.0.1", "::1"])
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    registry = CollectorRegistry()
    Gauge("answer", "Of everything.", registry=registry).set(42)
    sockets = bind(request.param, 0, METRICS)
    with listen(sockets, registry):
        yield sockets[0].getsockname()[:2]


def ask(address: tuple[str, int], path: str, method: str = "GET") -> tuple[HTTPResponse, str]:
    with closing(HTTPConnection(*address, timeout=10)) as connection:
        connection.request(method, path)
        response = connection.getresponse()
        return response, response.read().decode()


def test_metrics_are_text_of_prometheus(address: tuple[str, int]) -> None:
    response, text = ask(address, "/metrics")
    assert response.status == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert text == "# HELP answer Of everything.\n# TYPE answer gauge\nanswer 42.0\n"


@pytest.mark.parametrize("path", ["/", "/metrics/x", "/%6detrics", "/api/auth/ok"])
def test_other_paths_are_not_found(address: tuple[str, int], path: str) -> None:
    assert ask(address, path)[0].status == 404


def test_other_methods_are_not_offered(address: tuple[str, int]) -> None:
    assert ask(address, "/metrics", "POST")[0].status == 501


def test_version_of_python_is_not_told(address: tuple[str, int]) -> None:
    response, text = ask(address, "/")
    assert response.headers["server"] == "better-auth"
    assert "Python" not in text


def test_client_that_says_nothing_stops_nobody(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener.MetricsPage, "timeout", 0.1)
    with socket.create_connection(address, timeout=10) as silent:
        assert ask(address, "/metrics")[0].status == 200
        assert silent.recv(1) == b""  # and is cut off


def test_many_clients_get_few_threads_and_the_next_one_is_served(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener.MetricsPage, "timeout", 5)
    with ExitStack() as opened:
        clients = [
            opened.enter_context(socket.create_connection(address, timeout=10)) for _ in range(100)
        ]
        assert clients[-1].recv(1) == b""  # closed at once: there is one too many
        threads = [thread for thread in threading.enumerate() if "process_request" in thread.name]
        assert len(threads) <= listener.MOST
    for thread in threads:
        thread.join()
    assert ask(address, "/metrics")[0].status == 200


def test_fault_is_500_and_a_line(log: Lines) -> None:
    class Faulty(Collector):
        def collect(self) -> Iterable[Metric]:
            raise LookupError("a fault of ours")

    registry = CollectorRegistry(auto_describe=False)
    registry._collector_to_names[Faulty()] = []
    sockets = bind("127.0.0.1", 0, METRICS)
    with listen(sockets, registry):
        response, text = ask(sockets[0].getsockname(), "/metrics")
    assert response.status == 500
    assert "fault" not in text
    (line,) = log()
    assert (line["message"], line["fault"]) == ("metrics not collected", "LookupError")


def test_port_in_use_is_said_of_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServingError) as refused:
            bind("127.0.0.1", port, METRICS)
    said = f"port {port} is in use: stop that program, or choose another with METRICS_LISTEN=…"
    assert str(refused.value) == said
