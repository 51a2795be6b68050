"""Queries that may run in a transaction or outside of one."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Executable, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...storage.compiled import AnyRow
from ...storage.database import Database
from ...storage.refused_values import has_nul

T = TypeVar("T")
Source = Database | AsyncConnection
AnySelect = Select[*tuple[Any, ...]]


class Query(Generic[T]):
    """A SELECT, and what becomes of a row of it."""

    def __init__(self, statement: Executable, convert: Callable[[AnyRow], T]) -> None:
        self._statement = statement
        self._convert = convert

    async def find(self, source: Source, **parameters: str) -> T | None:
        """Returns the first result, or None."""
        return next(iter(await self.list_all(source, **parameters)), None)

    async def list_all(self, source: Source, **parameters: str) -> Sequence[T]:
        """Returns all results. No row has a text with a NUL."""
        if any(map(has_nul, parameters.values())):
            return []
        if isinstance(source, AsyncConnection):
            rows: Sequence[AnyRow] = (await source.execute(self._statement, parameters)).all()
        else:
            rows = await source.read_all(self._statement, parameters)
        return [self._convert(row) for row in rows]
