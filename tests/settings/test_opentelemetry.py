import os
from pathlib import Path

import pytest

from app.settings.environment import SettingsError, read_settings
from app.settings.opentelemetry import publish_variables
from app.settings.settings import Settings
from tests.support.secret import STRONG_SECRET

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
OTHERS = {
    "OTEL_SERVICE_NAME": "auth",
    "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test",
    "OTEL_TRACES_SAMPLER": "traceidratio",
    "OTEL_TRACES_SAMPLER_ARG": "0.1",
    "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20x",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "a=b",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://localhost:4318/v1/metrics",
    "OTEL_BSP_SCHEDULE_DELAY": "100",
    "OTEL_PROPAGATORS": "tracecontext",
}


def read(
    given: dict[str, str], dotenv: Path | None = None, notices: list[str] | None = None
) -> Settings:
    return read_settings({"BETTER_AUTH_SECRET": STRONG_SECRET, **given}, dotenv, notices=notices)


def test_traces_are_off_unless_there_is_an_endpoint() -> None:
    assert not read(OTHERS).sends_traces
    assert read({ENDPOINT: "http://localhost:4318"}).sends_traces
    assert read({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://x.example/v1/traces"}).sends_traces


def test_no_variable_of_opentelemetry_is_refused_or_corrected(tmp_path: Path) -> None:
    dotenv, notices = tmp_path / ".env", list[str]()
    dotenv.write_text("".join(f"{name}={value}\n" for name, value in OTHERS.items()))
    read({}, dotenv, notices)
    assert notices == []


@pytest.mark.parametrize(
    "url", ["localhost:4317", "grpc://localhost:4317", "http://", "http://a:x"]
)
def test_what_is_no_url_of_a_collector_is_one_line(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read({ENDPOINT: url})
    assert refused.value.lines == (
        f"{ENDPOINT} must be the URL of a collector, like http://localhost:4318",
    )


def test_password_in_the_endpoint_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingsError, match="OTEL_EXPORTER_OTLP_HEADERS") as refused:
        read({ENDPOINT: "https://user:hidden@collector.example"})
    assert "hidden" not in str(refused.value)


def test_variables_of_dotenv_reach_the_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("OTEL_SERVICE_NAME=of-file\nOTEL_TRACES_SAMPLER=x\nOTHER=y\n")
    monkeypatch.setattr(os, "environ", {"OTEL_TRACES_SAMPLER": "always_on"})
    publish_variables(tmp_path / ".env")
    publish_variables(tmp_path / "none")
    assert os.environ == {"OTEL_SERVICE_NAME": "of-file", "OTEL_TRACES_SAMPLER": "always_on"}
