"""docs/metrics.md, its blocks and the dashboard name every metric that there is, and no other."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from app.models.telemetry import metrics
from app.server.telemetry.processes import FACTS
from tests.support.pages import ROOT, block

PAGE = (ROOT / "docs" / "metrics.md").read_text()
DASHBOARD = json.loads((ROOT / "docs" / "grafana" / "better-auth.json").read_text())
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
PROCESS = {
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_virtual_memory_bytes",
    "process_open_fds",
    "process_max_fds",
    "process_start_time_seconds",
}
OWN = {each.name for each in metrics.ALL} | FACTS.keys()
LABELS = {label.name for each in metrics.ALL for label in each.labels}


def find_metrics(expression: str) -> set[str]:
    """The metrics of an expression in PromQL; of a histogram without the end of its series."""
    names = set(re.findall(r"\b(?:better_auth|process)_\w+", expression))
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


def list_expressions() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]


def read_alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(block("docs/metrics.md", "Alerts", "yaml"))["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def test_table_has_every_metric_with_its_type_labels_and_meaning() -> None:
    stated = {name: rest for name, *rest in ROW.findall(PAGE)}
    real = {
        each.name: [
            type(each).__name__.lower(),
            ", ".join(f"`{label.name}`" for label in each.labels) or "–",
            each.meaning,
        ]
        for each in metrics.ALL
    }
    real["better_auth_build_info"] = [
        "gauge",
        "`version`, `python`",
        FACTS["better_auth_build_info"],
    ]
    real["better_auth_workers"] = ["gauge", "–", FACTS["better_auth_workers"]]
    assert stated == real


def test_page_names_the_metrics_of_processes() -> None:
    assert set(re.findall(r"`(process_\w+)`", PAGE)) == PROCESS


def test_dashboard_has_every_metric_and_no_other() -> None:
    named = set().union(*map(find_metrics, list_expressions()))
    assert named >= OWN
    assert named <= OWN | PROCESS


def test_dashboard_groups_by_labels_that_there_are() -> None:
    known = LABELS | {"le", "instance", "version", "python"}
    for expression in list_expressions():
        for labels in re.findall(r"by \(([^)]*)\)", expression):
            assert set(labels.split(", ")) <= known, expression


def test_dashboard_has_panels_with_ids_and_places_of_their_own() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len(panels)


@pytest.mark.parametrize("alert", read_alerts(), ids=lambda alert: str(alert["alert"]))
def test_alerts_are_about_metrics_that_there_are(alert: dict[str, Any]) -> None:
    named = find_metrics(alert["expr"])
    assert named <= OWN
    assert named or alert["expr"].startswith("up{")
    assert alert["annotations"]["summary"]
    values = {str(v) for each in metrics.ALL for label in each.labels for v in label.values}
    for name, text in re.findall(r'(outcome)=~?"([^"]+)"', alert["expr"]):
        assert name in LABELS
        assert set(text.split("|")) <= values


def test_scrape_configuration_names_the_address_of_the_page() -> None:
    (job,) = yaml.safe_load(block("docs/metrics.md", "Let Prometheus read them", "yaml"))[
        "scrape_configs"
    ]
    address = block("docs/metrics.md", "Metrics", "sh").strip().removeprefix("METRICS_LISTEN=")
    assert job["static_configs"] == [{"targets": [address]}]


def test_pod_monitor_is_one() -> None:
    monitor = yaml.safe_load(block("docs/metrics.md", "Let Prometheus read them", "yaml", 1))
    assert monitor["kind"] == "PodMonitor"
    assert monitor["spec"]["podMetricsEndpoints"] == [{"port": "metrics"}]
