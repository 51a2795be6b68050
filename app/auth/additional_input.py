"""Validates additional fields of a request, like `parseInputData` of Better Auth 1.7.25."""

from collections.abc import Iterator, Mapping

from msgspec import UNSET

from ..models.additional_fields import AdditionalField, Json
from ..models.clock import from_iso
from ..models.errors import InvalidBody
from ..web.input.validation import describe_mismatch
from .errors import FieldNotAllowed, MissingField

_ITEMS = {"string[]": "string", "number[]": "number"}


def collect_new_values(
    fields: tuple[AdditionalField, ...], body: Mapping[str, Json]
) -> dict[str, Json]:
    """Returns the values of a new record. Types are not checked, as in the original.

    Raises FieldNotAllowed and MissingField.
    """
    values: dict[str, Json] = {}
    for field in fields:
        default = field.default
        if field.name in body and not field.input and default is UNSET:
            _refuse_forbidden(field, body)
        elif field.name in body and field.input:
            values[field.name] = _apply_default(field, body[field.name])
        elif default is not UNSET:
            values[field.name] = default
        elif field.required:
            raise MissingField(f"{field.name} is required")
    return values


def collect_changes(
    fields: tuple[AdditionalField, ...], body: Mapping[str, Json]
) -> dict[str, Json]:
    """Returns the values that a request changes. Raises FieldNotAllowed."""
    named = [field for field in fields if field.name in body]
    for field in named:
        if not field.input:
            _refuse_forbidden(field, body)
    return {field.name: body[field.name] for field in named if field.input}


def refuse_unfit(
    fields: tuple[AdditionalField, ...], values: Mapping[str, Json], place: str = "body"
) -> None:
    """Raises InvalidBody for values of the wrong type, with Zod's message.

    `place`: where the values are in the request.
    """
    checked = ((f, values[f.name]) for f in fields if f.name in values)
    if lines := [line for f, value in checked for line in _list_mismatches(f, value, place)]:
        raise InvalidBody("; ".join(lines))


def _refuse_forbidden(field: AdditionalField, body: Mapping[str, Json]) -> None:
    if body[field.name] or isinstance(body[field.name], list | dict):  # JavaScript's truth
        raise FieldNotAllowed(f"{field.name} is not allowed to be set")


def _apply_default(field: AdditionalField, value: Json) -> Json:
    default = field.default
    return default if value is None and field.required and default is not UNSET else value


def _list_mismatches(field: AdditionalField, value: Json, place: str) -> Iterator[str]:
    kind, where = field.type, f"{place}.{field.name}"
    if value is None and field.required is False:
        return
    if isinstance(kind, tuple):
        if value not in kind:
            words = "|".join(f'"{word}"' for word in kind)
            yield f"[{where}] Invalid option: expected one of {words}"
    elif kind in _ITEMS:
        yield from _list_item_mismatches(where, _ITEMS[kind], value)
    elif not _is_of_type(kind, value):
        yield f"[{where}] {describe_mismatch(kind, value)}"


def _list_item_mismatches(where: str, kind: str, value: Json) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"[{where}] {describe_mismatch('array', value)}"
        return
    for index, item in enumerate(value):
        if not _is_of_type(kind, item):
            yield f"[{where}.{index}] {describe_mismatch(kind, item)}"


def _is_of_type(kind: str, value: Json) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "date":
            return isinstance(value, str) and _is_timestamp(value)
        case _:
            return True


def _is_timestamp(text: str) -> bool:
    try:
        from_iso(text)
    except ValueError:
        return False
    return True
