"""Hot reads on SQLite, with a span for each."""

from collections.abc import Mapping

from sqlalchemy import URL, Executable

from ..compiled import StoredRow
from ..statement_spans import StatementSpans
from .reads import HeldReads


class TracedReads(HeldReads):
    """See `HeldReads`."""

    def __init__(self, url: URL, spans: StatementSpans) -> None:
        super().__init__(url)
        self._spans = spans

    def read_one(self, statement: Executable, parameters: Mapping[str, object]) -> StoredRow | None:
        """Returns the first row."""
        with self._spans.measure(self._compiler.compile(statement).sql):
            return super().read_one(statement, parameters)


def open_held_reads(url: URL, spans: StatementSpans | None) -> HeldReads:
    """Opens hot reads, with spans unless traces are off."""
    return HeldReads(url) if spans is None else TracedReads(url, spans)
