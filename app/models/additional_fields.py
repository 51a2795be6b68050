"""Additional fields of users and sessions: `additionalFields` of Better Auth 1.7.25."""

import keyword
import re
from typing import Final, Literal, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Type = Literal["string", "number", "boolean", "date", "json", "string[]", "number[]"]
# How a value is kept: lists as JSON, one of several words as text.
Kind = Literal["string", "number", "bigint", "boolean", "date", "json", "list"]

_COLUMN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class FieldOptions(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename="camel",
):
    """What Better Auth lets one say about an additional field, with its names and defaults.

    Without `required` the column is NOT NULL, but a request may leave the field out. If `type` is a
    list, it contains the allowed values.
    """

    type: Type | tuple[str, ...]
    required: bool | None = None
    default_value: object = UNSET
    input: bool = True
    returned: bool = True
    field_name: str | None = None
    unique: bool = False
    bigint: bool = False

    @property
    def default(self) -> Json | UnsetType:
        return cast("Json | UnsetType", self.default_value)

    @property
    def kind(self) -> Kind:
        if isinstance(self.type, tuple):
            return "string"
        match self.type:
            case "string[]" | "number[]":
                return "list"
            case "number" if self.bigint:
                return "bigint"
            case other:
                return other


class AdditionalField(FieldOptions, frozen=True):
    """One additional field: its name in JSON and its options."""

    name: str

    @property
    def column(self) -> str:
        return self.field_name or self.name


class AdditionalFields(Struct, frozen=True):
    """The additional fields of users and of sessions."""

    user: tuple[AdditionalField, ...] = ()
    session: tuple[AdditionalField, ...] = ()


def read_fields(text: str) -> tuple[AdditionalField, ...]:
    """Reads the fields of a JSON object, in its order. Raises ValueError with the reason."""
    try:
        found = msgspec.json.decode(text, type=dict[str, FieldOptions])
    except msgspec.DecodeError as error:
        example = '{"role": {"type": "string", "required": false}}'
        raise ValueError(f"must be JSON such as {example} ({error})") from None
    fields = tuple(AdditionalField(name=name, **asdict(options)) for name, options in found.items())
    for field in fields:
        if not field.name.isidentifier() or keyword.iskeyword(field.name):
            raise ValueError(f"names a field {field.name!r}: use letters, digits and _")
        if not _COLUMN.fullmatch(field.column):
            raise ValueError(f"names a column {field.column!r}: use letters, digits and _")
    return fields


def write_fields(fields: tuple[AdditionalField, ...]) -> dict[str, object]:
    """Returns the object that `read_fields` reads, without options that are the default."""
    written = {field.name: msgspec.to_builtins(field) for field in fields}
    return {
        name: {key: value for key, value in options.items() if key != "name"}
        for name, options in written.items()
    }


def collect_defaults(fields: tuple[AdditionalField, ...]) -> dict[str, Json]:
    """Returns the default values of a new record, by name."""
    values = ((field.name, field.default) for field in fields)
    return {name: value for name, value in values if value is not UNSET}
