"""The set of metrics is closed, its names are those of Prometheus, and off it costs nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.models.telemetry import metrics
from app.models.telemetry.instruments import Counter, Gauge, Histogram
from app.server.telemetry.recording import BEYOND, MOST_SERIES, is_recording
from tests.support.metrics import Recorded

ROOT = Path(__file__).parents[3]


def test_names_follow_prometheus() -> None:
    names = [each.name for each in metrics.ALL]
    assert len(set(names)) == len(names) > 20
    for each in metrics.ALL:
        assert re.fullmatch(r"better_auth_[a-z_]+", each.name)
        assert each.name.endswith("_total") is isinstance(each, Counter), each.name
        measures_time = isinstance(each, Histogram) or each.name.endswith("_oldest_seconds")
        assert each.name.endswith("_seconds") is measures_time, each.name
        assert each.meaning.endswith("."), each.name


def test_every_label_is_closed_or_says_where_its_values_come_from() -> None:
    for each in metrics.ALL:
        for label in each.labels:
            assert bool(label.values) is not bool(label.source), (each.name, label.name)


def test_what_can_be_known_starts_at_zero(recorded: Recorded) -> None:
    assert recorded.get("sign_ins_total", method="password", outcome="wrong") == 0
    assert recorded.get("mails_waiting") == 0


def test_counts_adds_and_observes(recorded: Recorded) -> None:
    metrics.SESSIONS_ENDED.count("revoked", by=3)
    metrics.HASHES_WAITING.change(by=2)
    metrics.HASHES_WAITING.change(by=-1)
    metrics.HASH_SECONDS.observe(0.03, "work")
    assert recorded.get("sessions_ended_total", why="revoked") == 3
    assert recorded.get("password_hashes_waiting") == 1
    assert recorded.get("password_hash_seconds_bucket", step="work", le="0.05") == 1
    assert recorded.get("password_hash_seconds_bucket", step="work", le="0.025") == 0


def test_series_do_not_grow_without_end(recorded: Recorded) -> None:
    for number in range(MOST_SERIES + 50):
        metrics.ROWS_REMOVED.count(f"table-{number}")
    assert len(recorded.series("rows_removed_total")) == MOST_SERIES + 1
    assert recorded.get("rows_removed_total", table=BEYOND) == 50


def test_nothing_is_recorded_unless_it_is_on() -> None:
    assert not is_recording()
    metrics.SESSIONS_CREATED.count()
    for each in metrics.ALL:
        assert isinstance(each, Counter | Gauge | Histogram)
        assert each.record is None


@pytest.mark.parametrize("module", ["app.server.lifespan", "app.commands.serve"])
def test_libraries_are_not_imported_unless_they_are_on(module: str) -> None:
    libraries = ("prometheus_client", "opentelemetry")
    program = f"import sys, {module}; print([n for n in {libraries} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
