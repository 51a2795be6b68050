"""Hot reads on PostgreSQL, with a span for each request that waits for one."""

from collections.abc import Mapping

from sqlalchemy import Dialect, Executable

from ...bridge.postgres_engine import Connect
from ..compiled import StoredRow
from ..statement_spans import StatementSpans
from .reads import HotReads


class TracedHotReads(HotReads):
    """See `HotReads`."""

    def __init__(self, dialect: Dialect, connect: Connect, spans: StatementSpans) -> None:
        super().__init__(dialect, connect)
        self._spans = spans

    async def read_one(
        self, statement: Executable, parameters: Mapping[str, object]
    ) -> StoredRow | None:
        """Returns the first row."""
        with self._spans.measure(self._compiler.compile(statement).sql):
            return await super().read_one(statement, parameters)
