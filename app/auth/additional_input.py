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
    fields: tuple[AdditionalField, ...], given: Mapping[str, Json]
) -> dict[str, Json]:
    """Returns the values of a new record. Types are not checked, as in the original.

    Raises FieldNotAllowed and MissingField.
    """
    values: dict[str, Json] = {}
    for field in fields:
        default = field.default
        if field.name in given and not field.input and default is UNSET:
            _refuse_forbidden(field, given)
        elif field.name in given and field.input:
            values[field.name] = _or_default(field, given[field.name])
        elif default is not UNSET:
            values[field.name] = default
        elif field.required:
            raise MissingField(f"{field.name} is required")
    return values


def collect_changes(
    fields: tuple[AdditionalField, ...], given: Mapping[str, Json]
) -> dict[str, Json]:
    """Returns the values that a request changes. Raises FieldNotAllowed."""
    named = [field for field in fields if field.name in given]
    for field in named:
        if not field.input:
            _refuse_forbidden(field, given)
    return {field.name: given[field.name] for field in named if field.input}


def refuse_unfit(fields: tuple[AdditionalField, ...], values: Mapping[str, Json]) -> None:
    """Raises InvalidBody for values of the wrong type, with Zod's message."""
    checked = ((f, values[f.name]) for f in fields if f.name in values)
    if lines := [line for field, value in checked for line in _misfits(field, value)]:
        raise InvalidBody("; ".join(lines))


def _refuse_forbidden(field: AdditionalField, given: Mapping[str, Json]) -> None:
    if given[field.name] or isinstance(given[field.name], list | dict):  # JavaScript's truth
        raise FieldNotAllowed(f"{field.name} is not allowed to be set")


def _or_default(field: AdditionalField, value: Json) -> Json:
    default = field.default
    return default if value is None and field.required and default is not UNSET else value


def _misfits(field: AdditionalField, value: Json) -> Iterator[str]:
    kind, where = field.type, f"body.{field.name}"
    if value is None and field.required is False:
        return
    if isinstance(kind, tuple):
        if value not in kind:
            words = "|".join(f'"{word}"' for word in kind)
            yield f"[{where}] Invalid option: expected one of {words}"
    elif kind in _ITEMS:
        yield from _misfitting_list(where, _ITEMS[kind], value)
    elif not _fits(kind, value):
        yield f"[{where}] {describe_mismatch(kind, value)}"


def _misfitting_list(where: str, kind: str, value: Json) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"[{where}] {describe_mismatch('array', value)}"
        return
    for index, item in enumerate(value):
        if not _fits(kind, item):
            yield f"[{where}.{index}] {describe_mismatch(kind, item)}"


def _fits(kind: str, value: Json) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "date":
            return isinstance(value, str) and _is_moment(value)
        case _:
            return True


def _is_moment(text: str) -> bool:
    try:
        from_iso(text)
    except ValueError:
        return False
    return True
