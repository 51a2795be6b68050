"""Filters and order of a task list: from a query to a statement."""

from typing import Literal

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Select, case, func, or_, select

from .models import tasks
from .records import Priority

Status = Literal["all", "pending", "completed"]
Sort = Literal["created_at", "created", "updated_at", "title", "due_date", "priority"]
Order = Literal["asc", "desc"]
Dialect = Literal["sqlite", "postgresql"]

_SORT_KEYS: dict[Sort, ColumnElement[object]] = {
    "created_at": tasks.c.created_at,
    "created": tasks.c.created_at,
    "updated_at": tasks.c.updated_at,
    "title": func.lower(tasks.c.title),
    "due_date": tasks.c.due_date,
    "priority": case({"low": 1, "medium": 2, "high": 3}, value=tasks.c.priority),
}
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


def select_page(listing: Listing, user_id: str, dialect: Dialect) -> Select[*tuple[object, ...]]:
    """Returns the statement of one page. Ties are ordered by id; missing values come last."""
    ascending = (listing.order or ("desc" if listing.sort in _NEWEST_FIRST else "asc")) == "asc"
    keys = (_SORT_KEYS[listing.sort], tasks.c.id)
    order = [(key.asc() if ascending else key.desc()).nulls_last() for key in keys]
    chosen = select(tasks).where(*_build_filters(listing, user_id, dialect))
    return chosen.order_by(*order).limit(listing.limit).offset(listing.offset)


def select_total(listing: Listing, user_id: str, dialect: Dialect) -> Select[int]:
    """Returns the statement that counts the tasks of all pages."""
    return select(func.count()).select_from(tasks).where(*_build_filters(listing, user_id, dialect))


def _build_filters(listing: Listing, user_id: str, dialect: Dialect) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = [tasks.c.user_id == user_id]
    if listing.status != "all":
        filters.append(tasks.c.completed == (listing.status == "completed"))
    if listing.priority is not None:
        filters.append(tasks.c.priority == listing.priority)
    if listing.search:
        filters.append(_matches(listing.search, dialect))
    return filters


def _matches(search: str, dialect: Dialect) -> ColumnElement[bool]:
    # LIKE and patterns may take time that grows with the square of what is searched.
    contains = _contains_on_sqlite if dialect == "sqlite" else _contains_on_postgres
    return or_(*(contains(column, search) for column in (tasks.c.title, tasks.c.description)))


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
