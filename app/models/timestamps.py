"""`timestamptz` of PostgreSQL, which holds moments that no `datetime` can."""

from typing import Final, TypeVar

from sqlalchemy import ColumnElement, DateTime, case, literal_column, type_coerce

T = TypeVar("T")

_FIRST: Final = literal_column("timestamptz '0001-01-01 00:00:00+00'", DateTime)
_LAST: Final = literal_column("timestamptz '9999-12-31 23:59:59.999+00'", DateTime)


def readable(column: ColumnElement[T]) -> ColumnElement[T]:
    """What to select for the column: what the driver can't read becomes the nearest that it can.

    That is the first moment of year 1 or the last of 9999, for an infinite one, too.
    """
    nearest = case((column > _LAST, _LAST), (column < _FIRST, _FIRST), else_=column)
    return type_coerce(nearest, column.type)
