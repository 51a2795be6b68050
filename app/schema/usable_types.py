"""Which declared types of a column the service can use, in any table."""

from typing import Final

from ..models.additional_fields import Kind

_WHOLE: Final = ("integer", "bigint")
_POSTGRES: Final[dict[Kind, tuple[str, ...]]] = {
    "number": _WHOLE,
    "bigint": ("bigint",),
    "boolean": ("boolean",),
    "json": ("jsonb",),
    "list": ("jsonb",),
}
_SQLITE_NUMBERS: Final = ("integer", "int", "boolean", "bool", "numeric")
_SQLITE: Final[dict[Kind, tuple[str, ...]]] = {
    "number": (*_SQLITE_NUMBERS, "bigint"),
    "bigint": (*_SQLITE_NUMBERS, "bigint"),
    "boolean": _SQLITE_NUMBERS,
    "date": ("date", "datetime", "timestamp", "text", "integer", "int", "bigint", "numeric"),
    "json": ("text", "json"),
    "list": ("text", "json"),
}


def is_usable(kind: Kind, declared: str, dialect: str, *, is_id: bool = False) -> bool:
    """Whether a column of this declared type, in lower case, stores values of this kind.

    `is_id`: the strings are ids, which PostgreSQL can also store as `uuid`.
    """
    if dialect == "sqlite":
        return _is_usable_on_sqlite(kind, declared.partition("(")[0].strip())
    if kind == "date":
        return declared.startswith("timestamp")
    if kind == "string":
        return declared.startswith(("text", "character varying")) or (is_id and declared == "uuid")
    return declared in _POSTGRES[kind]


def _is_usable_on_sqlite(kind: Kind, declared: str) -> bool:
    if kind == "string":
        return any(part in declared for part in ("char", "clob", "text"))
    return declared in _SQLITE[kind]
