"""A look-up of one key as a look-up of many."""

from sqlalchemy import BindParameter, Select, Text, bindparam, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import iterate, replacement_traverse

AnySelect = Select[*tuple[object, ...]]


def many(statement: AnySelect, name: str) -> AnySelect | None:
    """One row for each key that has one: the key's place in the array `name`, from 1, and the row.

    `name` is the parameter of `statement`, a text by which it looks one row up. None for a
    statement with another inside, where each key would not be its own.
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
