"""Several workers are added up, whatever becomes of each, and leave nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest
from msgspec import Struct

from app.server.telemetry.sharing import SIZE, open_shared_metrics
from app.storage.sqlite.folder_lock import lock_folder
from tests.commands.program import ROOT, SECRET, environment
from tests.support import waiting
from tests.support.served import SECONDS

_COUNTING = """
from prometheus_client import CollectorRegistry
from app.models.telemetry import metrics
from app.server.telemetry.recording import start_recording
start_recording(CollectorRegistry())
metrics.SESSIONS_CREATED.count(by=2)
metrics.MAILS_WAITING.change(by=1)
metrics.HASH_SECONDS.observe(0.03, "work")
"""

_RECORDING = """
from app.server.telemetry.recording import is_recording
from app.server.telemetry.sharing import record_for_parent
from app.web.middleware.log_lines import configure_logging
configure_logging("console")
record_for_parent()
"""


class Node(Struct, frozen=True):
    """`python -m app serve`, with metrics."""

    port: int
    metrics: int
    process: "subprocess.Popen[bytes]"
    temporary: Path

    def ask(self, port: int, path: str) -> str:
        with closing(HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as connection:
            connection.request("GET", path)
            return connection.getresponse().read().decode()

    def get(self, series: str) -> float:
        text = self.ask(self.metrics, "/metrics")
        found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else -1

    def workers(self) -> list[int]:
        command = ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [int(line.split()[0]) for line in listed.splitlines() if "spawn_main" in line]


LONG = 150  # seconds until four workers have started, one after the other, on a busy machine
until = partial(waiting.until, seconds=LONG)
OKS = 'better_auth_http_requests_total{method="GET",route="/api/auth/ok",status="200"}'


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def node(folder: Path, workers: int) -> Iterator[Node]:
    port, metrics = _free(), _free()
    temporary = folder / "temporary"
    temporary.mkdir()
    own = environment(
        BETTER_AUTH_SECRET=SECRET,
        HOST="127.0.0.1",
        PORT=str(port),
        METRICS_LISTEN=f"127.0.0.1:{metrics}",
        WORKERS=str(workers),
        BETTER_AUTH_RATE_LIMIT_ENABLED="false",
        TMPDIR=str(temporary),
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"], cwd=folder, env=own, stdout=log, stderr=log
        )
        running = Node(port, metrics, process, temporary)
        try:
            until(lambda: _answers(running))
            yield running
            process.terminate()
            assert process.wait(LONG) == 0
        finally:
            process.kill()
            process.wait()


def _answers(running: Node) -> bool:
    try:
        return running.ask(running.port, "/api/auth/ok") == '{"ok":true}'
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="processes are listed by ps")
def test_workers_are_added_up_over_kill_and_restart(tmp_path: Path) -> None:
    with node(tmp_path, workers=2) as running:
        until(lambda: running.get("better_auth_workers") == 2)
        (folder,) = running.temporary.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        for _ in range(9):
            running.ask(running.port, "/api/auth/ok")
        until(lambda: running.get(OKS) >= 10)  # a request is counted after its response
        counted = running.get(OKS)
        until(lambda: running.get('better_auth_pool_connections_limit{pool="writer"}') == 2)
        before = set(running.workers())
        assert len(before) == 2
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        until(lambda: len(set(running.workers()) - before) == 2)
        until(lambda: running.get('better_auth_pool_connections_limit{pool="writer"}') == 2)
        until(lambda: _answers(running))
        until(lambda: running.get(OKS) > counted)
        killed = set(running.workers())
        running.process.send_signal(signal.SIGHUP)
        until(lambda: not killed & set(running.workers()))
        until(lambda: running.get('better_auth_pool_connections_limit{pool="writer"}') == 2)
        assert running.get(OKS) > counted
        files = {each.name for each in folder.iterdir()}
        assert len({name for name in files if name.startswith("counter_")}) == 3
    assert list(running.temporary.iterdir()) == []


def test_one_process_needs_no_files(tmp_path: Path) -> None:
    with node(tmp_path, workers=1) as running:
        until(lambda: running.get(OKS) == 1)
        assert running.get("better_auth_workers") == 1
        assert running.get("process_resident_memory_bytes") != 0
        assert "better_auth_" not in running.ask(running.port, "/metrics")
        assert list(running.temporary.iterdir()) == []


def test_ended_workers_keep_their_counts_in_two_files() -> None:
    with open_shared_metrics() as shared:
        for _ in range(3):
            process = subprocess.Popen([sys.executable, "-c", _COUNTING], cwd=ROOT)
            assert process.wait(SECONDS) == 0
            shared.forget_worker(process.pid)
            shared.forget_worker(process.pid)  # it has no files any more
        samples = {
            (each.name, each.labels.get("le")): each.value
            for family in shared.collect()
            for each in family.samples
            if each.labels.get("step", "work") == "work"
        }
        assert samples["better_auth_sessions_created_total", None] == 6
        assert samples["better_auth_password_hash_seconds_count", None] == 3
        assert samples["better_auth_password_hash_seconds_bucket", "0.05"] == 3
        assert ("better_auth_mails_waiting", None) not in samples
        folder = Path(shared._folder)
        assert {each.name for each in folder.iterdir()} == {
            "counter_ended.db",
            "histogram_ended.db",
        }
    assert not folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of file sizes")
def test_worker_serves_without_metrics_on_a_full_disk() -> None:
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))"
    done = f"{full}{_RECORDING}print(is_recording())"
    with open_shared_metrics() as shared:
        command = [sys.executable, "-c", done]
        worker = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        said, recording = worker.stdout.splitlines()
        assert said.endswith('metrics not recorded reason="File too large"')
        assert recording == "False"
        assert {each.suffix for each in shared._folder.iterdir()} == {".db"}


def test_files_have_their_place_before_anything_is_counted() -> None:
    everything = json.loads((ROOT / "openapi-plugins.json").read_text())["paths"]
    counting = f"""{_RECORDING}
from app.models.telemetry.metrics import REQUESTS, REQUEST_SECONDS
for route in {sorted(everything)}:
    for method in ("POST", "OPTIONS"):
        REQUEST_SECONDS.observe(1, route, method)
        for status in (200, 400, 401, 403, 429, 500, 503):
            REQUESTS.count(route, method, status)
"""
    with open_shared_metrics() as shared:
        subprocess.run([sys.executable, "-c", counting], cwd=ROOT, check=True)
        sizes = {each.stat().st_size for each in shared._folder.iterdir()}
        assert sizes == {SIZE}
        assert all(each.stat().st_blocks * 512 >= SIZE for each in shared._folder.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="no locks of folders")
def test_folder_of_a_parent_that_was_killed_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, new, used = (tmp_path / f"better-auth-metrics-{name}" for name in ("1", "2", "3"))
    for each in (left, new, used):
        each.mkdir()
        (each / "counter_1.db").touch()
    for each in (left, used):
        os.utime(each, (0, 0))
    with lock_folder(used), open_shared_metrics() as shared:
        assert set(tmp_path.iterdir()) == {new, used, shared._folder}
