"""Turns a query for one key into a query for many keys."""

from sqlalchemy import BindParameter, Select, Text, bindparam, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import iterate, replacement_traverse

AnySelect = Select[*tuple[object, ...]]


def many(statement: AnySelect, name: str) -> AnySelect | None:
    """Returns a query with one row per key found: the position in the array `name`, and the row.

    Positions begin with 1. `name` is the parameter of `statement` that selects one row. Returns
    None for a statement with a subquery, because there each key would need its own.
    """
    if sum(isinstance(part, SelectBase) for part in iterate(statement)) > 1:
        return None
    asked = (
        func.unnest(bindparam(name, type_=ARRAY(Text)))
        .table_valued("key", with_ordinality="at", name="asked")
        .render_derived()
    )

    def key(element: object, **_: object) -> ColumnElement[object] | None:
        is_key = isinstance(element, BindParameter) and element.key == name
        return asked.c.key if is_key else None

    of_key = replacement_traverse(statement, {}, key)
    assert isinstance(of_key, Select)
    # Names of their own: two tables' columns may be called alike, and an added one like another.
    columns = [column.label(f"c{at}") for at, column in enumerate(of_key.selected_columns)]
    renamed = of_key.with_only_columns(*columns, maintain_column_froms=True)
    found = renamed.limit(literal_column("1")).lateral("found")
    return select(asked.c.at, *found.c).select_from(asked.join(found, true()))
