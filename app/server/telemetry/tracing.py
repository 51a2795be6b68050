"""Sends traces to a collector (OTLP by HTTP), where `OTEL_EXPORTER_OTLP_ENDPOINT` is set.

OpenTelemetry's SDK reads its own variables (`OTEL_SERVICE_NAME`, `OTEL_TRACES_SAMPLER`, …).
"""

from importlib.util import find_spec
from typing import Final, Protocol

from ... import __version__
from ...models.program_name import IS_INSTALLED
from ...settings.environment import DOTENV, SettingsError
from ...settings.extras import describe_missing_extra
from ...settings.opentelemetry import publish_variables
from ...settings.settings import Settings
from ...web.http.asgi import App

_NAME: Final = "better-auth"
_NEEDED: Final = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
_MISSING: Final = "OTEL_EXPORTER_OTLP_ENDPOINT needs OpenTelemetry's SDK, which is not installed"
_REMEDY: Final = (
    " (for the image: docker build --build-arg TRACES=1):"
    " .venv/bin/python -m pip install --no-deps --require-hashes -r requirements-otel.txt"
)


class Tracing(Protocol):
    """Makes traces, from the start of a process to its end."""

    def wrap(self, app: App) -> App:
        """Returns the application with a span for each request."""
        ...

    def stop(self) -> None:
        """Sends the last spans. Blocks for a few seconds at most."""
        ...


def check_tracing(settings: Settings) -> None:
    """Raises `SettingsError` if traces are on and the SDK is not installed."""
    if settings.sends_traces and not all(map(_is_installed, _NEEDED)):
        line = describe_missing_extra(_MISSING, "traces") if IS_INSTALLED else _MISSING + _REMEDY
        raise SettingsError((line,))


def start_tracing(settings: Settings) -> Tracing | None:
    """Starts to make and send traces. None if they are off. Raises `SettingsError`."""
    if not settings.sends_traces:
        return None
    check_tracing(settings)
    publish_variables(DOTENV)
    from .exporting import ExportedTraces  # noqa: PLC0415 - OpenTelemetry, for traces alone

    return ExportedTraces.start(_NAME, __version__)


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
