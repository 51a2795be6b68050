"""Checks that no ban and no second factor of a Node server is overlooked."""

from collections.abc import Iterator, Mapping
from typing import Final

from ..bridge.catalog import Catalog, CatalogTable
from ..bridge.table_search import fold_name, match_columns
from ..models.layout import Layout, TableLayout
from ..models.tables import RESTRICTION_COLUMNS
from .comparison import describe_table
from .layouts import find_laid_out, find_named_table
from .requirements import Requirements

_BAN: Final = "banned"
_BAN_DETAILS: Final = ("banReason", "banExpires")
_FACTOR: Final = "twoFactorEnabled"
# What the table of the two-factor plugin holds, whatever its name is.
_FACTOR_COLUMNS: Final = ("secret", "backupCodes", "userId")


def find_hidden_marks(
    user: CatalogTable, catalog: Catalog, requirements: Requirements
) -> Iterator[str]:
    """Returns one line for each mark of a restricted user that would not be seen.

    Such a user would sign in with the password alone.
    """
    fields = requirements.names.fields.get("user", {})
    seen = {*match_columns(user, RESTRICTION_COLUMNS, fields)}
    # The option of a plugin that is on may name the column.
    own = {field.name: field.column for field in requirements.fields.get("user", ())}
    seen |= {name for name, column in own.items() if match_columns(user, [column], fields)}
    for mark in RESTRICTION_COLUMNS:
        if mark not in requirements.lifts:
            yield from _find_unclear(user, mark, fields)
    details = list(match_columns(user, _BAN_DETAILS, fields).values())
    if details and _BAN not in seen and _BAN not in fields:
        yield (
            f'{describe_table(user)} has "{details[0]}", but no column {_BAN}: name it with'
            f' BETTER_AUTH_USER_FIELDS={{"{_BAN}":"…"}}'
        )
    factors = _find_factors(user, catalog, requirements)
    if factors is not None and _FACTOR not in seen and _FACTOR not in fields:
        yield (
            f"{describe_table(factors)} contains second factors, but {describe_table(user)} has no"
            f' column {_FACTOR}: name it with BETTER_AUTH_USER_FIELDS={{"{_FACTOR}":"…"}}'
        )


def find_newly_hidden_marks(
    layout: Layout, catalog: Catalog, requirements: Requirements
) -> tuple[str, ...]:
    """Returns the same for tables that are known: a plugin may have come since."""
    user = find_laid_out(layout.describe_table("user"), catalog)
    return () if user is None else tuple(find_hidden_marks(user, catalog, requirements))


def _find_unclear(user: CatalogTable, mark: str, fields: Mapping[str, str]) -> Iterator[str]:
    named = fields.get(mark)
    if named is not None:
        if not match_columns(user, [mark], fields):
            yield (
                f'BETTER_AUTH_USER_FIELDS: {describe_table(user)} has no column "{named}" for'
                f" {mark}: correct the name"
            )
        return
    spelled = [column for column in user.columns if fold_name(column) == fold_name(mark)]
    if len(spelled) > 1:
        names = " and ".join(f'"{column}"' for column in spelled)
        yield (
            f"{describe_table(user)} has {names}: choose the one that the Node server uses with"
            f' BETTER_AUTH_USER_FIELDS={{"{mark}":"…"}}'
        )


def _find_factors(
    user: CatalogTable, catalog: Catalog, requirements: Requirements
) -> CatalogTable | None:
    near = TableLayout(user.name, user.schema)
    named = find_named_table(catalog, "twoFactor", near, requirements.names)
    alike = (table for table in catalog.tables if _has_factors(table, user))
    return named or next(alike, None)


def _has_factors(table: CatalogTable, user: CatalogTable) -> bool:
    matched = match_columns(table, _FACTOR_COLUMNS)
    if len(matched) < len(_FACTOR_COLUMNS):
        return False
    owner = table.references.get(matched["userId"])
    return table.schema == user.schema if owner is None else owner == user.key
