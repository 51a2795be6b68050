"""`timestamptz` values of PostgreSQL that Python's `datetime` cannot represent."""

from typing import Final, TypeVar

from sqlalchemy import ColumnElement, DateTime, case, literal_column, type_coerce

T = TypeVar("T")

_FIRST: Final = literal_column("timestamptz '0001-01-01 00:00:00+00'", DateTime)
_LAST: Final = literal_column("timestamptz '9999-12-31 23:59:59.999+00'", DateTime)


def readable(column: ColumnElement[T]) -> ColumnElement[T]:
    """Returns an expression that replaces times the driver cannot read by the nearest it can.

    That is the first time of year 1 or the last time of year 9999, also for infinite values.
    """
    nearest = case((column > _LAST, _LAST), (column < _FIRST, _FIRST), else_=column)
    return type_coerce(nearest, column.type)
