"""The original's messages for an invalid body, built only after msgspec refused it.

Zod (in Better Auth 1.7.25) reports all errors, msgspec stops at the first. So the body is checked
again along the Struct's fields, in their order.
"""

from collections.abc import Iterable, Iterator
from math import inf
from typing import ClassVar, Literal, Self, get_type_hints

from msgspec import UNSET, Struct, UnsetType, ValidationError, convert, structs
from msgspec import inspect as shapes

from ...models.additional_fields import Json
from ...models.errors import InvalidBody, MalformedJson

_EXPECTED: dict[type[shapes.Type], str] = {
    shapes.StrType: "string",
    shapes.BoolType: "boolean",
    shapes.FloatType: "number",
    shapes.ListType: "array",
    shapes.StructType: "object",
    shapes.DictType: "record",
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
    def read(cls, given: Json | UnsetType) -> Self:
        """What was sent, in this shape. Raises InvalidBody and MalformedJson."""
        try:
            return convert(given, cls)
        except (ValidationError, RecursionError):
            text = explain(cls, given)
        # Nesting that is too deep is the one fault that has no place in the Struct.
        raise InvalidBody(text) if text else MalformedJson()


class WireBody(WireInput, frozen=True):
    """A request body."""

    place: ClassVar[Literal["body", "query"]] = "body"


class WireQuery(WireInput, frozen=True):
    """The query of a request. Every field is a text."""

    place: ClassVar[Literal["body", "query"]] = "query"


def explain(shape: type[WireInput], value: Json | UnsetType) -> str:
    """Returns all errors of `value`, joined like the original."""
    return "; ".join(_find_failures(shape, value))


def _find_failures(shape: type[WireInput], value: Json | UnsetType) -> Iterator[str]:
    if not isinstance(value, dict):
        for expected in shape.roots:
            yield f"[{shape.place}] {describe_mismatch(expected, value)}"
        return
    yield from _check_fields(shape.place, shape, value)


def _check_fields(place: str, kind: type[Struct], value: dict[str, Json]) -> Iterator[str]:
    hints = get_type_hints(kind, include_extras=True)
    for field in structs.fields(kind):
        given = value.get(field.encode_name, UNSET)
        if given is UNSET and not field.required:
            continue
        hint = hints[field.name]
        if not _is_valid(given, hint):
            yield from _check_value(f"{place}.{field.encode_name}", shapes.type_info(hint), given)


def _is_valid(given: Json | UnsetType, hint: type[object]) -> bool:
    try:
        convert(given, hint)
    except ValidationError:
        return False
    return given is not UNSET


def _check_value(place: str, shape: shapes.Type, given: Json | UnsetType) -> Iterator[str]:
    """Yields the errors of a value.

    The text of a constraint is its `Meta(extra={"refusal": …})`, the text of a type its `mismatch`.
    """
    told: dict[str, str] = {}
    if isinstance(shape, shapes.Metadata):
        told, shape = shape.extra or {}, shape.type
    if isinstance(shape, shapes.UnionType):  # `str | None`
        shape = next(kind for kind in shape.types if not isinstance(kind, shapes.NoneType))
    expected = _EXPECTED[type(shape)]
    if _name_type(given) != expected.replace("record", "object"):
        yield f"[{place}] {told.get('mismatch') or describe_mismatch(expected, given)}"
        return
    inside = [*_check_inside(place, shape, given)]
    yield from inside or [f"[{place}] {told.get('refusal', '')}"]


def _check_inside(place: str, shape: shapes.Type, given: Json | UnsetType) -> Iterator[str]:
    if isinstance(shape, shapes.StructType) and isinstance(given, dict):
        yield from _check_fields(place, shape.cls, given)
    elif isinstance(shape, shapes.ListType) and isinstance(given, list):
        yield from _check_items(place, shape.item_type, enumerate(given))
    elif isinstance(shape, shapes.DictType) and isinstance(given, dict):
        yield from _check_items(place, shape.value_type, given.items())


def _check_items(
    place: str, shape: shapes.Type, items: Iterable[tuple[int | str, Json]]
) -> Iterator[str]:
    for key, item in items:
        if _name_type(item) != _EXPECTED.get(type(shape), _name_type(item)):
            yield from _check_value(f"{place}.{key}", shape, item)


def describe_mismatch(expected: str, given: Json | UnsetType) -> str:
    """Returns Zod's message for a value of another type."""
    return f"Invalid input: expected {expected}, received {_name_type(given)}"


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
