"""Filters and order of a task list: from a query to a statement."""

from typing import Literal

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Select, Table, case, func, or_, select

from .records import Priority

Status = Literal["all", "pending", "completed"]
Sort = Literal["created_at", "created", "updated_at", "title", "due_date", "priority"]
Order = Literal["asc", "desc"]
Dialect = Literal["sqlite", "postgresql"]

_NEWEST_FIRST: frozenset[Sort] = frozenset(["created_at", "created", "updated_at"])


class Listing(Struct, frozen=True, kw_only=True):
    """The filters of a list. `order` None: newest first for sorts by age, else ascending."""

    status: Status = "all"
    priority: Priority | None = None
    search: str = ""
    sort: Sort = "created_at"
    order: Order | None = None
    limit: int = 100
    offset: int = 0


class ListingSelects:
    """Makes the statements of a list."""

    def __init__(self, table: Table) -> None:
        self._table = table
        columns = table.c
        self._sort_keys: dict[Sort, ColumnElement[object]] = {
            "created_at": columns.created_at,
            "created": columns.created_at,
            "updated_at": columns.updated_at,
            "title": func.lower(columns.title),
            "due_date": columns.due_date,
            "priority": case({"low": 1, "medium": 2, "high": 3}, value=columns.priority),
        }

    def select_page(
        self, listing: Listing, user_id: str, dialect: Dialect
    ) -> Select[*tuple[object, ...]]:
        """Returns the statement of one page. Ties are ordered by id; missing values come last."""
        by_age = "desc" if listing.sort in _NEWEST_FIRST else "asc"
        ascending = (listing.order or by_age) == "asc"
        keys = (self._sort_keys[listing.sort], self._table.c.id)
        order = [(key.asc() if ascending else key.desc()).nulls_last() for key in keys]
        chosen = select(self._table).where(*self._build_filters(listing, user_id, dialect))
        return chosen.order_by(*order).limit(listing.limit).offset(listing.offset)

    def select_total(self, listing: Listing, user_id: str, dialect: Dialect) -> Select[int]:
        """Returns the statement that counts the tasks of all pages."""
        counted = select(func.count()).select_from(self._table)
        return counted.where(*self._build_filters(listing, user_id, dialect))

    def _build_filters(
        self, listing: Listing, user_id: str, dialect: Dialect
    ) -> list[ColumnElement[bool]]:
        columns = self._table.c
        filters: list[ColumnElement[bool]] = [columns.user_id == user_id]
        if listing.status != "all":
            filters.append(columns.completed == (listing.status == "completed"))
        if listing.priority is not None:
            filters.append(columns.priority == listing.priority)
        if listing.search:
            searched = (columns.title, columns.description)
            filters.append(or_(*(_contains(each, listing.search, dialect) for each in searched)))
        return filters


def _contains(column: Column[str], search: str, dialect: Dialect) -> ColumnElement[bool]:
    # LIKE and patterns may take time that grows with the square of what is searched.
    contains = _contains_on_sqlite if dialect == "sqlite" else _contains_on_postgres
    return contains(column, search)


def _contains_on_sqlite(column: Column[str], search: str) -> ColumnElement[bool]:
    return func.instr(func.casefold(column), search.casefold()) > 0


def _contains_on_postgres(column: Column[str], search: str) -> ColumnElement[bool]:
    """Uses `lower` of the server if it folds these letters; in the C locale, a pattern."""
    folded = search.lower()
    return case(
        (func.lower(search.upper()) == folded, func.strpos(func.lower(column), folded) > 0),
        else_=column.regexp_match("".join(map(_to_regex, search))),
    )


def _to_regex(char: str) -> str:
    """Returns a bracket expression for a letter; other characters literally."""
    cases = {case for case in (char, char.lower(), char.upper()) if len(case) == 1}
    special = char.isascii() and not char.isalnum()
    return f"[{''.join(sorted(cases))}]" if len(cases) > 1 else f"\\{char}" if special else char
