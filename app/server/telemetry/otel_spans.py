"""Spans by OpenTelemetry's API. Imported only where traces are on."""

from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import SpanKind, StatusCode, Tracer, get_current_span

from ...models.telemetry.spans import Attributes, Kind, Span

_KINDS: Final = {"client": SpanKind.CLIENT, "internal": SpanKind.INTERNAL}


class OtelSpans:
    """See `SpanRecorder`. Other work that belongs to no request has no spans."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def start(
        self, name: str, attributes: Attributes, *, kind: Kind = "client", at: int | None = None
    ) -> Span:
        if not get_current_span().get_span_context().is_valid:
            return _NONE
        started = self._tracer.start_span(
            name, kind=_KINDS[kind], attributes=attributes, start_time=at
        )
        return _Started(started)

    def start_trace(self, name: str, attributes: Attributes) -> Span:
        kind = SpanKind.CLIENT
        return _Started(self._tracer.start_span(name, Context(), kind, attributes=attributes))


class _Started:
    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    def end(self, fault: BaseException | None = None, *, at: int | None = None) -> None:
        if fault is not None:  # its message may have values
            self._span.set_attribute("error.type", type(fault).__name__)
            self._span.set_status(StatusCode.ERROR)
        self._span.end(at)


class _NoSpan:
    def end(self, fault: BaseException | None = None, *, at: int | None = None) -> None:
        """Does nothing."""


_NONE: Final = _NoSpan()
