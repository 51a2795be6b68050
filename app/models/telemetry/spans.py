"""Spans of a trace: how long a part of a request took. There are none until a recorder is set.

What makes spans asks for the recorder once, when it is created, so that spans that are off cost
nothing. `app.server.telemetry.tracing` sets one, for OpenTelemetry.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final, Literal, Protocol

from msgspec import Struct

Attributes = Mapping[str, str | int]
# Another program does the work of a `client` span, such as a database.
Kind = Literal["client", "internal"]


class Span(Protocol):
    """A span that has started."""

    def end(self, fault: BaseException | None = None, *, at: int | None = None) -> None:
        """Ends it now, or `at` these nanoseconds since 1970. A fault gives it its kind alone."""
        ...


class SpanRecorder(Protocol):
    """Records the spans of the current request, and of work that has a trace of its own."""

    def start(
        self, name: str, attributes: Attributes, *, kind: Kind = "client", at: int | None = None
    ) -> Span:
        """Starts a span of the request, now or `at` these nanoseconds since 1970.

        The attributes never have a value of a row, a secret, an address or the id of a user.
        """
        ...

    def start_trace(self, name: str, attributes: Attributes) -> Span:
        """Starts a span that no request caused, with the same attributes."""
        ...


class _Current(Struct):
    recorder: SpanRecorder | None = None


_CURRENT: Final = _Current()


def set_span_recorder(recorder: SpanRecorder | None) -> None:
    """Sets the recorder of this process, before anything asks for it."""
    _CURRENT.recorder = recorder


def find_span_recorder() -> SpanRecorder | None:
    """Returns the recorder. None: spans are off."""
    return _CURRENT.recorder


def measure(
    recorder: SpanRecorder | None, name: str, attributes: Attributes, *, kind: Kind = "client"
) -> AbstractContextManager[None]:
    """Returns a block that is one span. Without a recorder it is only a block."""
    if recorder is None:
        return nullcontext()
    return _end_after(recorder.start(name, attributes, kind=kind))


def measure_trace(
    recorder: SpanRecorder | None, name: str, attributes: Attributes
) -> AbstractContextManager[None]:
    """Does the same for work that no request caused."""
    return nullcontext() if recorder is None else _end_after(recorder.start_trace(name, attributes))


@contextmanager
def _end_after(span: Span) -> Iterator[None]:
    try:
        yield
    except BaseException as fault:
        span.end(fault)
        raise
    span.end()
