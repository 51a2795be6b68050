"""A span for each request (OpenTelemetry's semantic conventions for HTTP servers)."""

from typing import Final

from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import SpanKind, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ...models.telemetry.log_context import find_log_context
from ...models.telemetry.metrics import METHODS
from ...web.http.asgi import App, Message, Receive, Scope, Send

_PARENT: Final = TraceContextTextMapPropagator()
_OTHER: Final = "_OTHER"  # of the semantic conventions
_SERVER_ERROR: Final = 500


class TracedRequests:
    """Continues the trace of the front end, or begins one. The log line has its id.

    The span has method, route template, status and the code of a refusal. It has no path, no query
    and no client IP.
    """

    def __init__(self, app: App, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        parent = _read_parent(scope)
        method = scope["method"] if scope["method"] in METHODS else _OTHER
        named = "HTTP" if method == _OTHER else method
        span = self._tracer.start_span(
            named,
            parent,
            SpanKind.SERVER,
            {"http.request.method": method, "url.scheme": scope["scheme"]},
        )
        context = find_log_context()
        if context is not None and span.get_span_context().is_valid:
            context.trace_id = f"{span.get_span_context().trace_id:032x}"

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                span.set_attribute("http.response.status_code", message["status"])
                if message["status"] >= _SERVER_ERROR:
                    span.set_attribute("error.type", str(message["status"]))
                    span.set_status(StatusCode.ERROR)
            await send(message)

        token = attach(set_span_in_context(span, parent))
        try:
            await self._app(scope, receive, send_noted)
        except BaseException as fault:
            span.set_attribute("error.type", type(fault).__name__)
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            route = scope.get("path_template")
            if route:
                span.update_name(f"{named} {route}")
                span.set_attribute("http.route", route)
            if context is not None and context.refusal is not None:
                span.set_attribute("better_auth.refusal", context.refusal)
            detach(token)
            span.end()


def _read_parent(scope: Scope) -> Context:
    """Returns the context of the caller. The log has validated its `traceparent` before."""
    context = find_log_context()
    if context is None or context.trace_id is None:
        return Context()
    named = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    carrier = {name: value for name, value in named if name in _PARENT.fields}
    return _PARENT.extract(carrier, Context())
