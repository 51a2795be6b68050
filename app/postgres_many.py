"""A look-up of one key as a look-up of many."""

from sqlalchemy import BindParameter, Select, Text, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.visitors import replacement_traverse

AnySelect = Select[*tuple[object, ...]]


def many(statement: AnySelect, name: str) -> AnySelect:
    """One row for each key that has one: the key's place in the array `name`, from 1, and the row.

    `name` is the parameter of `statement`, a text by which it looks one row up.
    """
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
    found = of_key.limit(1).lateral("found")
    return select(asked.c.at, found).select_from(asked.join(found, true()))
