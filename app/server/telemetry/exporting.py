"""Makes spans with OpenTelemetry's SDK, and exports them. Imported only where traces are on."""

from threading import Thread
from typing import Final, Self

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from ...models.telemetry.spans import set_span_recorder
from ...web.http.asgi import App
from .otel_spans import OtelSpans
from .traced_requests import TracedRequests

SECONDS: Final = 5.0  # that the last spans get to reach the collector
_UNNAMED: Final = "unknown_service"
_SCOPE: Final = "better-auth"


class ExportedTraces:
    """See `Tracing`."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(_SCOPE)

    @classmethod
    def start(cls, name: str, version: str, processor: SpanProcessor | None = None) -> Self:
        """Records spans from now on. They go to the collector, or to another `processor`."""
        provider = TracerProvider(resource=_describe(name, version), shutdown_on_exit=False)
        provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter()))
        traces = cls(provider)
        set_span_recorder(OtelSpans(traces._tracer))
        return traces

    def wrap(self, app: App) -> App:
        """Returns the application with a span for each request."""
        return TracedRequests(app, self._tracer)

    def stop(self) -> None:
        """Sends the last spans, for `SECONDS` at most. Blocks."""
        set_span_recorder(None)
        # A thread, because the SDK would wait much longer for a collector that does not answer.
        ending = Thread(target=self._provider.shutdown, name="traces", daemon=True)
        ending.start()
        ending.join(SECONDS)


def _describe(name: str, version: str) -> Resource:
    """Returns what is said of this process. OpenTelemetry's variables come first."""
    found = Resource.create({SERVICE_VERSION: version})
    if str(found.attributes.get(SERVICE_NAME, _UNNAMED)).startswith(_UNNAMED):
        return found.merge(Resource({SERVICE_NAME: name}))
    return found
