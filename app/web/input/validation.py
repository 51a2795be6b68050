"""The original's messages for an invalid body, built only after msgspec refused it.

Zod (in Better Auth 1.7.25) reports all errors, msgspec stops at the first. So the body is checked
again along the Struct's fields, in their order.
"""

from collections.abc import Iterable, Iterator
from math import inf
from typing import ClassVar, Literal, Self, get_args, get_origin, get_type_hints

from msgspec import UNSET, Struct, UnsetType, ValidationError, convert, structs
from msgspec import inspect as types

from ...models.additional_fields import Json
from ...models.errors import InvalidBody, MalformedJson

_EXPECTED: dict[type[types.Type], str] = {
    types.StrType: "string",
    types.BoolType: "boolean",
    types.FloatType: "number",
    types.ListType: "array",
    types.StructType: "object",
    types.DictType: "record",
    types.CustomType: "nonoptional",  # `object`, which takes whatever is sent
}


class WireInput(Struct, frozen=True, kw_only=True, rename="camel"):
    """The input of a request. Unknown keys are ignored.

    `roots` is what the original's schema calls a body; one that it intersects with a record says
    twice that a body is not an object. `is_refused` is false where whatever is sent will do.
    """

    place: ClassVar[Literal["body", "query"]]
    roots: ClassVar[tuple[str, ...]] = ("object",)
    is_refused: ClassVar[bool] = True

    @classmethod
    def read(cls, received: Json | UnsetType) -> Self:
        """What was sent, in this shape. Raises InvalidBody and MalformedJson."""
        try:
            found = convert(received, cls)
        except (ValidationError, RecursionError):
            text = explain(cls, received)
        else:
            text = "; ".join(cls.find_more_failures(received))
            if not text:
                return found
        # Nesting that is too deep is the one fault that has no place in the Struct.
        raise InvalidBody(text) if text else MalformedJson()

    @classmethod
    def find_more_failures(cls, received: Json | UnsetType) -> Iterable[str]:
        """Returns a line for each rule that is broken and that concerns several fields."""
        return ()


class WireBody(WireInput, frozen=True):
    """A request body."""

    place: ClassVar[Literal["body", "query"]] = "body"


class WireQuery(WireInput, frozen=True):
    """The query of a request. Every field is a text."""

    place: ClassVar[Literal["body", "query"]] = "query"


def explain(schema: type[WireInput], value: Json | UnsetType) -> str:
    """Returns all errors of `value`, joined like the original."""
    return "; ".join(_find_failures(schema, value))


def _find_failures(schema: type[WireInput], value: Json | UnsetType) -> Iterator[str]:
    if not isinstance(value, dict):
        for expected in schema.roots:
            yield f"[{schema.place}] {describe_mismatch(expected, value)}"
        return
    yield from _check_fields(schema.place, schema, value)
    yield from schema.find_more_failures(value)


def _check_fields(place: str, kind: type[Struct], value: dict[str, Json]) -> Iterator[str]:
    hints = get_type_hints(kind, include_extras=True)
    for field in structs.fields(kind):
        received = value.get(field.encode_name, UNSET)
        if received is UNSET and not field.required:
            continue
        hint = hints[field.name]
        if _is_valid(received, hint):
            continue
        if choices := "|".join(f'"{choice}"' for choice in _list_choices(hint)):
            yield f"[{place}.{field.encode_name}] Invalid option: expected one of {choices}"
        else:
            yield from _check_value(f"{place}.{field.encode_name}", types.type_info(hint), received)


def _list_choices(hint: object) -> Iterator[object]:
    """Yields the values of `Literal` in their order, which msgspec does not keep."""
    for part in get_args(hint):
        yield from [part] if get_origin(hint) is Literal else _list_choices(part)


def _is_valid(received: Json | UnsetType, hint: type[object]) -> bool:
    try:
        convert(received, hint)
    except ValidationError:
        return False
    return received is not UNSET


def _check_value(place: str, schema: types.Type, received: Json | UnsetType) -> Iterator[str]:
    """Yields the errors of a value.

    The text of a constraint is its `Meta(extra={"refusal": …})`, the text of a type its `mismatch`.
    """
    messages: dict[str, str] = {}
    if isinstance(schema, types.Metadata):
        messages, schema = schema.extra or {}, schema.type
    if isinstance(schema, types.UnionType):
        kinds = [kind for kind in schema.types if not isinstance(kind, types.NoneType)]
        if len(kinds) > 1:
            yield f"[{place}] Invalid input"
            return
        schema = kinds[0]  # `str | None`
    expected = _EXPECTED[type(schema)]
    if _name_type(received) != expected.replace("record", "object"):
        yield f"[{place}] {messages.get('mismatch') or describe_mismatch(expected, received)}"
        return
    inside = [*_check_inside(place, schema, received)]
    yield from inside or [f"[{place}] {messages.get('refusal', '')}"]


def _check_inside(place: str, schema: types.Type, received: Json | UnsetType) -> Iterator[str]:
    if isinstance(schema, types.StructType) and isinstance(received, dict):
        yield from _check_fields(place, schema.cls, received)
    elif isinstance(schema, types.ListType) and isinstance(received, list):
        yield from _check_items(place, schema.item_type, enumerate(received))
    elif isinstance(schema, types.DictType) and isinstance(received, dict):
        yield from _check_items(place, schema.value_type, received.items())


def _check_items(
    place: str, schema: types.Type, items: Iterable[tuple[int | str, Json]]
) -> Iterator[str]:
    for key, item in items:
        expected = _EXPECTED.get(type(schema), _name_type(item)).replace("record", "object")
        if _name_type(item) != expected:
            yield from _check_value(f"{place}.{key}", schema, item)
        else:
            yield from _check_inside(f"{place}.{key}", schema, item)


def describe_mismatch(expected: str, received: Json | UnsetType) -> str:
    """Returns Zod's message for a value of another type."""
    return f"Invalid input: expected {expected}, received {_name_type(received)}"


def _name_type(value: Json | UnsetType) -> str:
    """Returns the JavaScript name of a value's type, as Zod prints it."""
    if value is UNSET:
        return "undefined"
    if value is None:
        return "null"
    if value in (inf, -inf):
        return "Infinity" if value == inf else "-Infinity"
    for kinds, name in (
        (bool, "boolean"),
        ((int, float), "number"),
        (str, "string"),
        (list, "array"),
    ):
        if isinstance(value, kinds):
            return name
    return "object"
