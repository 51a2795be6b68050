"""Finds users for `/admin/list-users`: `listUsers`, and Better Auth 1.7.25's Kysely adapter.

A query that the database refuses finds nothing, like one that names an unknown field.
"""

import math
import re
from collections.abc import Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Final

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import Column, ColumnElement, Text, func, select, type_coerce
from sqlalchemy.exc import StatementError

from ...models.additional_fields import Kind
from ...models.column_types import get_kind
from ..plugin import Services
from .bodies import UserListQuery, UserPage

_LISTED: Final = 100  # `defaultFindManyLimit`
_COMPARISONS: Final = {"eq": eq, "ne": ne, "lt": lt, "lte": le, "gt": gt, "gte": ge}
_PATTERNS: Final = {"contains": "%{}%", "starts_with": "{}%", "ends_with": "%{}"}
_DECIMAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_OTHER_BASES: Final = re.compile(r"0(x[0-9a-f]+|o[0-7]+|b[01]+)", re.IGNORECASE)
_NOBODY: Final = UserPage([], 0)


class _Field(Struct, frozen=True):
    column: Column[object]
    kind: Kind


class UserSearch:
    """Lists and counts users."""

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._mapper = services.mappers.user
        self._fields = _collect_fields(services)

    async def find(self, query: UserListQuery) -> UserPage:
        """Returns the page of a query. Raises StoreUnavailable."""
        limit, offset = (_parse_number(text) or None for text in (query.limit, query.offset))
        try:
            conditions = self._list_conditions(query)
            page = select(*self._mapper.columns).where(*conditions)
            page = page.order_by(*self._list_orders(query)).limit(_get_whole(limit) or _LISTED)
            if offset is not None:
                page = page.offset(_get_whole(offset))
            rows = await self._database.search(page)
            count = select(func.count()).select_from(self._mapper.table).where(*conditions)
            ((total,),) = await self._database.search(count)
        except (LookupError, ValueError, OverflowError, StatementError):
            return _NOBODY
        users = [self._mapper.to_record(row) for row in rows]
        return UserPage(users, total, _get_whole(limit) or UNSET, _get_whole(offset) or UNSET)

    def _list_conditions(self, query: UserListQuery) -> list[ColumnElement[bool]]:
        conditions = []
        if query.search_value:
            field = self._fields[query.search_field or "email"]
            operator = query.search_operator or "contains"
            conditions.append(_match(field, operator, query.search_value))
        if query.filter_value is not UNSET:
            field = self._fields[query.filter_field or "email"]
            conditions.append(_match(field, query.filter_operator or "eq", query.filter_value))
        return conditions

    def _list_orders(self, query: UserListQuery) -> list[ColumnElement[object]]:
        if not query.sort_by:
            return []
        column = self._fields[query.sort_by].column
        return [column.desc() if query.sort_direction == "desc" else column.asc()]


def _collect_fields(services: Services) -> Mapping[str, _Field]:
    """Returns the fields by their names in JSON, and by those of their columns."""
    mapper = services.mappers.user
    kinds = {field.column: field.kind for field in mapper.additional}
    names = {field.column: field.name for field in mapper.additional}
    fields = {
        column.key: _Field(column, kinds.get(column.key) or get_kind(column.type))
        for column in mapper.table.columns
    }
    by_column = {field.column.name: field for field in fields.values()}
    by_name = {names.get(key, key): field for key, field in fields.items()}
    return {**by_column, **by_name, "_id": fields["id"]}


def _match(field: _Field, operator: str, value: str | list[str]) -> ColumnElement[bool]:
    """Returns the condition. Raises ValueError for one that the original refuses."""
    column = field.column
    if operator in _PATTERNS:
        # Without a cast: SQLite compares any value as text, PostgreSQL only text.
        text = value if isinstance(value, str) else ",".join(value)
        return type_coerce(column, Text).like(_PATTERNS[operator].format(text))
    if operator in ("in", "not_in"):
        if operator == "in" and isinstance(value, str):
            raise ValueError("not a list")
        values = [_convert(field.kind, each) for each in _list_values(value)]
        return column.in_(values) if operator == "in" else column.not_in(values)
    (only,) = _list_values(value)
    condition: ColumnElement[bool] = _COMPARISONS[operator](column, _convert(field.kind, only))
    return condition


def _list_values(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _convert(kind: Kind, value: str) -> str | float | bool:
    if kind == "boolean":
        return value == "true"
    number = _parse_number(value) if kind == "number" and value.strip() else None
    return value if number is None else number


def _parse_number(text: str | UnsetType) -> float | None:
    """Returns JavaScript's `Number(text)`, None if it is not a number."""
    if text is UNSET:
        return None
    text = text.strip()
    if _OTHER_BASES.fullmatch(text):
        return int(text, 0)
    if text.lstrip("+-") == "Infinity":
        return -math.inf if text.startswith("-") else math.inf
    return float(text or 0) if not text or _DECIMAL.fullmatch(text) else None


def _get_whole(number: float | None) -> int:
    """Returns the number as an int, 0 for None. Raises ValueError or OverflowError."""
    if number is None:
        return 0
    if int(number) != number:
        raise ValueError("not a whole number")
    return int(number)
