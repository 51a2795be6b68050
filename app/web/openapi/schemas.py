"""The schemas of the OpenAPI document, and every refusal as a documented response."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from litestar._openapi.schema_generation import SchemaCreator
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, Schema, SecurityRequirement
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Struct, structs

from ...models.errors import (
    BodyTooLarge,
    InvalidCallbackUrl,
    InvalidErrorCallbackUrl,
    InvalidNewUserCallbackUrl,
    InvalidOrigin,
    InvalidRedirectUrl,
    InvalidUrlType,
    MalformedJson,
    MissingOrNullOrigin,
    Refusal,
    SilentRefusal,
    StoreUnavailable,
    TooManyRequests,
    UnsupportedMediaType,
)
from ..http.refusals import Error
from ..middleware.request_log import ServerError

SIGNED_IN: list[SecurityRequirement] = [{"sessionCookie": []}, {"bearerAuth": []}]
MAYBE_SIGNED_IN: list[SecurityRequirement] = [*SIGNED_IN, {}]
ALWAYS: tuple[type[Refusal], ...] = (TooManyRequests, StoreUnavailable)
ON_POST_WITHOUT_BODY: tuple[type[Refusal], ...] = (
    InvalidUrlType,
    InvalidOrigin,
    MissingOrNullOrigin,
    InvalidCallbackUrl,
    *ALWAYS,
)
ON_POST: tuple[type[Refusal], ...] = (
    MalformedJson,
    InvalidUrlType,
    UnsupportedMediaType,
    BodyTooLarge,
    InvalidOrigin,
    MissingOrNullOrigin,
    InvalidCallbackUrl,
    InvalidRedirectUrl,
    InvalidErrorCallbackUrl,
    InvalidNewUserCallbackUrl,
    *ALWAYS,
)

Json = dict[str, Any]  # a part of the document
_PLACE: Final = "#/components/schemas/{name}"

REDIRECT: Mapping[int, ResponseSpec] = {
    302: ResponseSpec(data_container=None, description="On to the `callbackURL`, if one was sent.")
}

_FAULT = ServerError("Internal Server Error", "INTERNAL_SERVER_ERROR", "6f1c0a9b52de000001")


class Refused(Struct, frozen=True):
    """One refusal of an operation. `body` is an example."""

    name: str
    status: int
    code: str | None
    message: str
    body: object


class StructSchemas(OpenAPISchemaPlugin):
    """Uses msgspec's schemas. Litestar's lose formats, and show UNSET as a type."""

    @staticmethod
    def is_plugin_supported_field(field_definition: FieldDefinition) -> bool:
        return not field_definition.is_union and field_definition.is_subclass_of(Struct)

    def to_openapi_schema(
        self, field_definition: FieldDefinition, schema_creator: SchemaCreator
    ) -> Schema:
        kind = field_definition.annotation
        hints = field_definition.get_type_hints(include_extras=True)
        # Litestar registers the Structs inside; what it says of the fields is then replaced.
        fields = {
            each.encode_name: FieldDefinition.from_annotation(hints[each.name])
            for each in structs.fields(kind)
        }
        schema = schema_creator.create_component_schema(
            field_definition, required=[], property_fields=fields
        )
        exact = struct_schema(kind)
        schema.required = exact["required"] or None
        schema.description = exact.get("description")
        schema.properties = {
            # A default makes generators of clients demand the field.
            name: Written(text={k: v for k, v in text.items() if k != "default"})
            for name, text in exact["properties"].items()
        }
        return schema


@dataclass
class Written(Schema):
    """A schema that is already JSON."""

    text: Mapping[str, object] = field(default_factory=dict)

    def to_schema(self) -> dict[str, object]:
        return dict(self.text)


@dataclass
class Sample(Example):
    """An exact example. Litestar would leave out null values."""

    def to_schema(self) -> dict[str, object]:
        return {"summary": self.summary, "value": self.value}


def struct_schema(kind: type[Struct]) -> Json:
    """The JSON Schema of a Struct as it stands among the document's components."""
    _, schemas = msgspec.json.schema_components([kind], ref_template=_PLACE)
    schema: Json = schemas[kind.__name__]
    return schema


def describe_structs(kinds: Iterable[type[Struct]]) -> dict[str, Json]:
    """The JSON Schemas of these Structs and of those inside them, by name."""
    _, schemas = msgspec.json.schema_components([*kinds], ref_template=_PLACE)
    return {name: _without_defaults(schema) for name, schema in schemas.items()}


def _without_defaults(schema: Json) -> Json:
    """A default makes generators of clients demand the field."""
    fields = schema["properties"].items()
    bare = {n: {k: v for k, v in text.items() if k != "default"} for n, text in fields}
    required = {"required": schema["required"]} if schema["required"] else {}
    kept = {key: value for key, value in schema.items() if key != "required"}
    return {**kept, **required, "properties": bare}


def refusals(*kinds: type[Refusal]) -> Mapping[int, ResponseSpec]:
    """Returns the refusals of an operation as responses, each with an example."""
    return refused(
        Error,
        [
            Refused(kind.__name__, kind.status, kind.code, kind.message, _body(kind))
            for kind in kinds
        ],
    )


def refused(body: type[Struct], all_refused: Iterable[Refused]) -> Mapping[int, ResponseSpec]:
    """Returns the same for refusals with another body. A 500 is always included."""
    by_status: dict[int, list[Refused]] = {}
    for each in all_refused:
        by_status.setdefault(each.status, []).append(each)
    specs = {status: _spec(body, same) for status, same in by_status.items()}
    fault = Refused("ServerError", 500, _FAULT.code, _FAULT.message, msgspec.to_builtins(_FAULT))
    known = by_status.get(fault.status, [])
    faults = _spec(body if known else ServerError, [*known, fault])
    return dict(sorted({**specs, fault.status: faults}.items()))


def _spec(body: type[Struct], same_status: Sequence[Refused]) -> ResponseSpec:
    is_silent = all(each.body is None for each in same_status)
    return ResponseSpec(
        data_container=None if is_silent else body,
        generate_examples=False,
        description=", ".join(each.code or each.message for each in same_status),
        examples=[
            Sample(id=each.name, summary=each.message, value=each.body)
            for each in same_status
            if each.body is not None
        ],
    )


def _body(kind: type[Refusal]) -> dict[str, str] | None:
    if issubclass(kind, SilentRefusal):
        return None
    code = {} if kind.code is None else {"code": kind.code}
    return {"message": kind.message, **code}
