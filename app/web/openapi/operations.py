"""Describes Litestar's own routes: exact schemas, examples, headers, and every refusal."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, cast

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    Example,
    OpenAPIHeader,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Struct, structs

from ..middleware.outer_layer import ServerError
from .schemas import describe_struct

Headers = Mapping[str, OpenAPIHeader]

_FAULT: Final = ServerError("Internal Server Error", "INTERNAL_SERVER_ERROR", "6f1c0a9b52de000001")


class Refused(Struct, frozen=True):
    """One refusal of an operation. `body` is an example."""

    name: str
    status: int
    code: str | None
    message: str
    body: object


@dataclass
class JsonSchema(Schema):
    """A schema that is already JSON."""

    text: Mapping[str, object] = field(default_factory=dict)

    def to_schema(self) -> dict[str, object]:
        """Returns the JSON."""
        return dict(self.text)


@dataclass
class Sample(Example):
    """An exact example. Litestar would leave out null values."""

    def to_schema(self) -> dict[str, object]:
        """Returns the JSON."""
        return {"summary": self.summary, "value": self.value}


class Components(Protocol):
    """Litestar's collection of schemas."""

    def create_component_schema(
        self,
        type_: FieldDefinition,
        /,
        required: list[str],
        property_fields: Mapping[str, FieldDefinition],
    ) -> Schema:
        """Adds the schema of a type, and of the types in its fields."""
        ...


class StructSchemas(OpenAPISchemaPlugin):
    """Uses msgspec's schemas. Litestar's lose formats, and show UNSET as a type."""

    @staticmethod
    def is_plugin_supported_field(field_definition: FieldDefinition) -> bool:
        """Whether it is a Struct."""
        return not field_definition.is_union and field_definition.is_subclass_of(Struct)

    def to_openapi_schema(
        self, field_definition: FieldDefinition, schema_creator: Components
    ) -> Schema:
        """Returns the schema of a Struct."""
        kind = field_definition.annotation
        hints = field_definition.get_type_hints(include_extras=True)
        # Litestar adds the Structs in the fields; its own description of the fields is replaced.
        fields = {
            each.encode_name: FieldDefinition.from_annotation(hints[each.name])
            for each in structs.fields(kind)
        }
        schema = schema_creator.create_component_schema(
            field_definition, required=[], property_fields=fields
        )
        exact = describe_struct(kind)
        schema.required = exact.get("required")
        schema.description = exact.get("description")
        schema.properties = {n: JsonSchema(text=text) for n, text in exact["properties"].items()}
        return schema


def describe_header(description: str, kind: OpenAPIType = OpenAPIType.STRING) -> OpenAPIHeader:
    """Returns a response header."""
    return OpenAPIHeader(schema=Schema(type=kind), description=description)


def describe_refusals(
    body: type[Struct], all_refused: Iterable[Refused]
) -> Mapping[int, ResponseSpec]:
    """Returns the refusals of an operation as responses with this body, and the 500."""
    by_status: dict[int, list[Refused]] = {}
    for each in all_refused:
        by_status.setdefault(each.status, []).append(each)
    specs = {status: _specify(body, same) for status, same in by_status.items()}
    fault = Refused("ServerError", 500, _FAULT.code, _FAULT.message, msgspec.to_builtins(_FAULT))
    return dict(sorted({**specs, fault.status: _specify(ServerError, [fault])}.items()))


def describe_operation(
    *,
    examples: Mapping[str, object],
    body_examples: Mapping[str, object] | None = None,
    headers: Headers | None = None,
    refusal_headers: Mapping[str, Headers] | None = None,
) -> type[Operation]:
    """Returns the `operation_class` of a route, with examples of requests and responses.

    `headers` belong to the success; `refusal_headers` to the refusals, by status.
    """

    def make(**described: object) -> Operation:
        operation = cast("Callable[..., Operation]", Operation)(**described)
        _complete_responses(operation, examples, headers or {}, refusal_headers or {})
        for parameter in operation.parameters or ():
            if isinstance(parameter, Parameter) and parameter.schema is not None:
                parameter.schema = _remove_null(parameter.schema)
        if isinstance(operation.request_body, RequestBody):
            _complete_body(operation.request_body, body_examples or {})
        return operation

    return cast("type[Operation]", make)


def _specify(body: type[Struct], same_status: Sequence[Refused]) -> ResponseSpec:
    return ResponseSpec(
        data_container=body,
        generate_examples=False,
        description=", ".join(each.code or each.message for each in same_status),
        examples=[Sample(id=e.name, summary=e.message, value=e.body) for e in same_status],
    )


def _complete_responses(
    operation: Operation,
    examples: Mapping[str, object],
    headers: Headers,
    refusal_headers: Mapping[str, Headers],
) -> None:
    responses = operation.responses or {}
    # Litestar adds its own 400 to each route with a parameter or a body.
    responses.pop("400", None)
    success, *refusals = responses.items()
    _complete_success(success[1], examples, headers)
    for status, response in refusals:
        assert isinstance(response, OpenAPIResponse)
        response.headers = dict(refusal_headers.get(status, {}))


def _complete_success(
    success: OpenAPIResponse | Reference, examples: Mapping[str, object], headers: Headers
) -> None:
    assert isinstance(success, OpenAPIResponse)
    success.description = "; ".join(examples) or "Done; there is no body."
    success.headers = dict(headers)
    for media in (success.content or {}).values():
        media.examples = _show(examples)


def _complete_body(body: RequestBody, body_examples: Mapping[str, object]) -> None:
    """Makes the body optional if `data` may be None. JSON null is still not allowed."""
    for media in body.content.values():
        assert media.schema is not None
        schema = _remove_null(media.schema)
        body.required = schema is media.schema
        media.schema, media.examples = schema, _show(body_examples)


def _remove_null(schema: Schema | Reference) -> Schema | Reference:
    """Returns the schema without null: `X | null` becomes X."""
    if isinstance(schema, Reference):
        return schema
    kinds = [kind for kind in schema.one_of or () if not _is_null(kind)]
    if len(kinds) == 1:
        return kinds[0]
    if isinstance(schema.type, list):
        (kind,) = set(schema.type) - {OpenAPIType.NULL}
        values = [value for value in schema.enum or () if value is not None]
        return replace(schema, type=kind, enum=values or None)
    return schema


def _is_null(schema: Schema | Reference) -> bool:
    return isinstance(schema, Schema) and schema.type == OpenAPIType.NULL


def _show(values: Mapping[str, object]) -> dict[str, Example | Reference]:
    return {
        summary: Sample(summary=summary, value=msgspec.to_builtins(value))
        for summary, value in values.items()
    }
