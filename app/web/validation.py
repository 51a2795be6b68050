"""The original's wording for a body of the wrong shape, composed only once msgspec has refused it.

Zod (as in Better Auth 1.7.7) reports every failure; msgspec stops at the first. So the body is
walked again along the Struct's fields, in their order.
"""

from collections.abc import Iterator
from math import inf
from typing import ClassVar, Literal, get_type_hints

from msgspec import UNSET, Struct, UnsetType, ValidationError, convert, structs
from msgspec import inspect as shapes

from app.additional_fields import Json

_EXPECTED: dict[type[shapes.Type], str] = {shapes.StrType: "string", shapes.BoolType: "boolean"}


class WireInput(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a request brings; unknown keys are ignored.

    `roots` is what the original's schema calls a body; one that it intersects with a record says
    twice that a body is not an object.
    """

    place: ClassVar[Literal["body", "query"]]
    roots: ClassVar[tuple[str, ...]] = ("object",)


class WireBody(WireInput, frozen=True):
    """A request body."""

    place: ClassVar[Literal["body", "query"]] = "body"


class WireQuery(WireInput, frozen=True):
    """The query of a request: every field is a text."""

    place: ClassVar[Literal["body", "query"]] = "query"


def explain(shape: type[WireInput], value: Json | UnsetType) -> str:
    """All failures of `value` against `shape`, joined as the original joins them."""
    return "; ".join(_failures(shape, value))


def _failures(shape: type[WireInput], value: Json | UnsetType) -> Iterator[str]:
    if not isinstance(value, dict):
        for expected in shape.roots:
            yield f"[{shape.place}] {mismatch(expected, value)}"
        return
    hints = get_type_hints(shape, include_extras=True)
    for field in structs.fields(shape):
        given = value.get(field.encode_name, UNSET)
        if given is UNSET and not field.required:
            continue
        hint = hints[field.name]
        if not _fits(given, hint):
            yield f"[{shape.place}.{field.encode_name}] {_failure(shapes.type_info(hint), given)}"


def _fits(given: Json | UnsetType, hint: type[object]) -> bool:
    try:
        convert(given, hint)
    except ValidationError:
        return False
    return given is not UNSET


def _failure(shape: shapes.Type, given: Json | UnsetType) -> str:
    """The text for one field; a constraint's own text is its `Meta(extra={"refusal": …})`."""
    refusal = ""
    if isinstance(shape, shapes.Metadata):
        refusal = (shape.extra or {}).get("refusal", "")
        shape = shape.type
    if isinstance(shape, shapes.UnionType):  # `str | None`
        shape = next(kind for kind in shape.types if not isinstance(kind, shapes.NoneType))
    expected = _EXPECTED[type(shape)]
    return refusal if _kind(given) == expected else mismatch(expected, given)


def mismatch(expected: str, given: Json | UnsetType) -> str:
    """Zod's text for a value of another type."""
    return f"Invalid input: expected {expected}, received {_kind(given)}"


def _kind(value: Json | UnsetType) -> str:
    """The JavaScript name of a value's type, as Zod prints it."""
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
