"""Completes an operation of Litestar: examples, headers, optional bodies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import msgspec
from litestar.openapi.spec import (
    Example,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)
from msgspec import Struct

from ..input.parsed_body import FORM
from ..input.validation import WireBody, WireQuery
from .schemas import Sample, Written, struct_schema

Headers = Mapping[str, OpenAPIHeader]


def header(description: str, kind: OpenAPIType = OpenAPIType.STRING) -> OpenAPIHeader:
    """Returns a response header."""
    return OpenAPIHeader(schema=Schema(type=kind), description=description)


SET_COOKIE = header("The session cookie; without a value where it is taken back.")
SET_AUTH_TOKEN = header("The signed session token, for clients that keep no cookies.")

_JSON = "application/json"
_LOCATION = header("The `callbackURL`; with `error` in its query where something is wrong.")
_WAIT = header("Seconds to wait.", OpenAPIType.INTEGER)
_CHALLENGE = header("The challenge (RFC 6750 section 3), with the reason.")
# A session that was renewed for a request that is then refused.
_AFTER_A_GUARD: Headers = {"Set-Cookie": SET_COOKIE, "set-auth-token": SET_AUTH_TOKEN}
_REFUSAL_HEADERS: Mapping[str, Headers] = {
    "TooManyRequests": {"X-Retry-After": _WAIT},
    "HashingOverloaded": {"Retry-After": _WAIT},
    "Unauthorized": {"Set-Cookie": SET_COOKIE},
    "FailedToGetSession": {"Set-Cookie": SET_COOKIE},
    "FailedToGetUserInfo": {"Set-Cookie": SET_COOKIE},
    "InvalidDeletionToken": _AFTER_A_GUARD,
    "InvalidToken": {"WWW-Authenticate": _CHALLENGE},
}


def documented(
    *,
    answers: Mapping[str, object],
    sends: Mapping[str, object] | None = None,
    headers: Headers | None = None,
    form: type[Struct] | None = None,
    query: type[WireQuery] | None = None,
) -> type[Operation]:
    """Returns an operation with examples of requests and responses, by summary.

    `headers` belong to the success and to a redirect. `form`: the body, if it may be sent as a
    form. `query`: what the handler reads with `read_query`.
    """

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            _complete_responses(self, answers, headers or {})
            if query is not None:
                self.parameters = [*(self.parameters or ()), *_parameters(query)]
            for parameter in self.parameters or ():
                if isinstance(parameter, Parameter) and parameter.schema is not None:
                    parameter.schema = _without_null(parameter.schema)
            if isinstance(self.request_body, RequestBody):
                _complete_body(self.request_body, sends or {}, form)

    return Documented


def refusing(
    *,
    body: type[WireBody] | None = None,
    query: type[WireQuery] | None = None,
    sends: Mapping[str, object] | None = None,
) -> type[Operation]:
    """Returns an operation that always refuses, with the body or query of its handler."""

    @dataclass
    class Refusing(documented(answers={}, query=query, sends=sends)):  # type: ignore[misc]  # a class made here
        def __post_init__(self) -> None:
            super().__post_init__()
            for status in [each for each in self.responses or {} if each.startswith("2")]:
                del self.responses[status]
            if body is not None:
                media = OpenAPIMediaType(Written(text=struct_schema(body)))
                media.examples = _examples(sends or {})
                self.request_body = RequestBody({_JSON: media}, required=True)

    return Refusing


def _complete_responses(
    operation: Operation, answers: Mapping[str, object], headers: Headers
) -> None:
    responses = operation.responses or {}
    # Litestar claims a 400 of its own wherever there is a parameter or a body.
    if "400" in responses and not _refusal_names(responses["400"]):
        del responses["400"]
    if isinstance(redirect := responses.get("302"), OpenAPIResponse):
        redirect.headers = {**headers, "Location": _LOCATION}
    own = next(iter(responses))
    if own != "302":
        _complete_success(responses[own], answers, headers)
    refused = [each for status, each in responses.items() if status not in (own, "302")]
    for response in refused:
        assert isinstance(response, OpenAPIResponse)
        response.headers = {} if response.content else {"Set-Cookie": SET_COOKIE}
        for name in _refusal_names(response):
            response.headers.update(_REFUSAL_HEADERS.get(name, {}))
        if operation.security and {} not in operation.security:
            response.headers.update(_AFTER_A_GUARD)


def _complete_success(
    success: OpenAPIResponse | Reference, answers: Mapping[str, object], headers: Headers
) -> None:
    assert isinstance(success, OpenAPIResponse)
    success.description = "; ".join(answers) or "Done; there is no body."
    success.headers = dict(headers)
    for media in (success.content or {}).values():
        media.examples = _examples(answers)


def _parameters(query: type[WireQuery]) -> Iterator[Parameter]:
    schema = struct_schema(query)
    for name, text in schema["properties"].items():
        told = {key: value for key, value in text.items() if key != "description"}
        yield Parameter(
            name,
            "query",
            schema=Written(text=told),
            description=text.get("description"),
            required=name in schema["required"],
        )


def _complete_body(
    body: RequestBody, sends: Mapping[str, object], form: type[Struct] | None
) -> None:
    """Makes the body optional if `data` may be None. JSON null is still not allowed."""
    for media in body.content.values():
        assert media.schema is not None
        schema = _without_null(media.schema)
        body.required = schema is media.schema
        media.schema, media.examples = schema, _examples(sends)
    if form is not None:
        body.content[FORM] = OpenAPIMediaType(schema=_form(form))


def _form(body: type[Struct]) -> Schema:
    """Returns the form. It contains only text fields."""
    schema = struct_schema(body)
    texts = {k: v for k, v in schema["properties"].items() if v["type"] == "string"}
    return Written(text={**schema, "title": f"{schema['title']}Form", "properties": texts})


def _without_null(schema: Schema | Reference) -> Schema | Reference:
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


def _refusal_names(response: OpenAPIResponse | Reference) -> list[str]:
    assert isinstance(response, OpenAPIResponse)
    return [name for media in (response.content or {}).values() for name in media.examples or ()]


def _examples(values: Mapping[str, object]) -> dict[str, Example | Reference]:
    return {
        summary: Sample(summary=summary, value=msgspec.to_builtins(value))
        for summary, value in values.items()
    }
