"""Lists members, filtered and sorted by their fields as a request says."""

import math
from collections.abc import Callable, Mapping
from typing import Final

from msgspec import UnsetType
from sqlalchemy import Column, ColumnElement, func, select
from sqlalchemy.exc import StatementError

from ....models.clock import from_iso, to_iso
from ....models.column_types import IdType, TimestampType
from ....storage.refused_values import has_nul, is_refused_value
from ..common import Common
from ..errors import UnusableFilter
from ..queries import AnySelect
from .endpoints import MemberList, MembersQuery

_Value = str | list[str]
_COMPARISONS: Final[Mapping[str, Callable[[ColumnElement[str], str], ColumnElement[bool]]]] = {
    "eq": lambda column, value: column == value,
    "ne": lambda column, value: column != value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
}
# As in Better Auth, % and _ in the value stand for any characters.
_PATTERNS: Final = {"contains": "%{}%", "starts_with": "{}%", "ends_with": "%{}"}
_MOST: Final = 2**31 - 1  # PostgreSQL's LIMIT is wider, SQLite's too


class MemberListing:
    """Lists the members of an organization."""

    def __init__(self, common: Common) -> None:
        self._common = common
        self._table = common.records.members.table

    async def list_members(self, organization_id: str, query: MembersQuery) -> MemberList:
        """Returns the members that the query asks for. Raises UnusableFilter."""
        conditions = [self._table.c.organizationId == organization_id]
        if query.filter_field:
            conditions.append(self._compare(query.filter_field, query))
        directory, database = self._common.directory, self._common.database
        found = directory.select_members().where(*conditions)
        total = select(func.count()).select_from(self._table).where(*conditions)
        limit = _parse_number(query.limit) or self._common.options.membership_limit
        page = self._sort(found, query).limit(limit).offset(_parse_number(query.offset))
        try:
            rows = await database.search(page)
            ((counted,),) = await database.search(total)
        except StatementError as error:
            if not is_refused_value(error):
                raise
            raise UnusableFilter("filterValue cannot be compared") from error
        return MemberList([directory.read_member(row) for row in rows], counted)

    def _compare(self, field: str, query: MembersQuery) -> ColumnElement[bool]:
        column, value = self._get_column(field), query.filter_value
        operator = query.filter_operator or "eq"
        if isinstance(value, UnsetType) or any(map(has_nul, value)):
            raise UnusableFilter("filterValue is missing, or cannot be compared")
        if operator in ("in", "not_in"):
            if operator == "in" and isinstance(value, str):
                raise UnusableFilter("filterValue must be a list")
            values = [_convert(column, each) for each in _make_list(value)]
            return column.in_(values) if operator == "in" else column.not_in(values)
        if not isinstance(value, str):
            raise UnusableFilter("filterValue must be one value")
        if operator in _PATTERNS:
            if isinstance(column.type, IdType | TimestampType):
                raise UnusableFilter(f"{operator} is only for texts")
            return column.like(_PATTERNS[operator].format(value))
        return _COMPARISONS[operator](column, _convert(column, value))

    def _sort(self, found: AnySelect, query: MembersQuery) -> AnySelect:
        if not query.sort_by:
            return found
        column = self._get_column(query.sort_by)
        return found.order_by(column.desc() if query.sort_direction == "desc" else column)

    def _get_column(self, field: str) -> Column[str]:
        columns = self._table.c
        if field not in columns:
            raise UnusableFilter(f"Members have no field {field}")
        return columns[field]


def _make_list(value: _Value) -> list[str]:
    return [value] if isinstance(value, str) else value


def _convert(column: Column[str], value: str) -> str:
    """Returns the value in the form of the column."""
    if not isinstance(column.type, TimestampType):
        return value
    try:
        return to_iso(from_iso(value))
    except ValueError:
        raise UnusableFilter("filterValue must be a time") from None


def _parse_number(text: str | UnsetType) -> int:
    """Returns the whole number like JavaScript's `Number`, or 0 if it is none or not positive."""
    if isinstance(text, UnsetType):
        return 0
    try:
        number = float(text)
    except ValueError:
        return 0
    return min(int(number), _MOST) if math.isfinite(number) and number > 0 else 0
