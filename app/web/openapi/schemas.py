"""The JSON Schemas of Structs, as the OpenAPI document shows them."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

Json = dict[str, Any]  # a part of the document
_PLACE: Final = "#/components/schemas/{name}"


def describe_struct(kind: type[Struct]) -> Json:
    """Returns the schema of a Struct, as in the components of the document."""
    return describe_structs([kind])[kind.__name__]


def describe_structs(kinds: Iterable[type[Struct]]) -> dict[str, Json]:
    """Returns the schemas of these Structs, and of the Structs in their fields, by name.

    Raises ValueError if two Structs have the same name: the document could not tell them apart.
    """
    all_kinds = [*kinds]
    _, schemas = msgspec.json.schema_components(all_kinds, ref_template=_PLACE)
    if ambiguous := {kind.__name__ for kind in all_kinds} - schemas.keys():
        raise ValueError(f"two Structs are called {min(ambiguous)}")
    return {name: _remove_defaults(schema) for name, schema in schemas.items()}


def accepts_text(schema: Json) -> bool:
    """Whether a field may be a text, perhaps one of a few, or null instead."""
    kinds = schema.get("anyOf", [schema])
    choices = (choice for kind in kinds for choice in kind.get("enum", ()))
    is_text = any(kind.get("type") == "string" for kind in kinds)
    return is_text or any(isinstance(choice, str) for choice in choices)


def _remove_defaults(schema: Json) -> Json:
    """Removes defaults: because of them, generated clients require the field."""
    fields = schema["properties"].items()
    bare = {n: {k: v for k, v in text.items() if k != "default"} for n, text in fields}
    required = {"required": schema["required"]} if schema["required"] else {}
    kept = {key: value for key, value in schema.items() if key != "required"}
    return {**kept, **required, "properties": bare}
