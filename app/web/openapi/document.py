"""Builds the OpenAPI document from the declarations of the endpoints."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPMethod
from inspect import cleandoc
from typing import Final

import msgspec
from msgspec import Struct

from ...models.errors import (
    BodyTooLarge,
    CrossSiteNavigationLoginBlocked,
    InvalidBody,
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
from ..endpoint import COOKIES, AnyEndpoint, Caller, Route
from ..http.refusals import Error
from ..input.parsed_body import FORM, JSON
from ..middleware.outer_layer import ServerError
from .schemas import Json, accepts_text, describe_struct, describe_structs

_ALWAYS: Final = (TooManyRequests, StoreUnavailable)
_ON_POST: Final = (
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
)
_OF_BODIES: Final = frozenset(
    {
        MalformedJson,
        UnsupportedMediaType,
        BodyTooLarge,
        InvalidRedirectUrl,
        InvalidErrorCallbackUrl,
        InvalidNewUserCallbackUrl,
    }
)
_STRICT: Final = frozenset({Caller.SESSION, Caller.STORED, Caller.FRESH})
_SIGNED_IN: Final[Sequence[Json]] = ({"sessionCookie": []}, {"bearerAuth": []})
_SWITCH: Final[Json] = {
    "items": {"type": "string"},
    "type": "array",
    "description": "Any text that is not empty turns it on.",
}
_LOCATION: Final = "The `callbackURL`; with `error` in its query where something is wrong."
_REDIRECT: Final = "On to the `callbackURL`, if one was sent."
_FAULT: Final = ServerError("Internal Server Error", "INTERNAL_SERVER_ERROR", "6f1c0a9b52de000001")
_WAITS: Final = {"Retry-After": "Seconds to wait.", "X-Retry-After": "Seconds to wait."}
_SENT: Final = {**COOKIES, **_WAITS}  # headers of refusals


def complete_document(routes: Sequence[Route], base: str, of_litestar: Json) -> Json:
    """Returns Litestar's document with the endpoints below `base` in front.

    Raises ValueError if two endpoints, or two of their Structs, have the same name.
    """
    names = [route.endpoint.name for route in routes if route.endpoint.name]
    if len(set(names)) < len(names):
        raise ValueError(f"two endpoints are called {max(names, key=names.count)}")
    paths = {**_describe_paths(routes, base), **of_litestar["paths"]}
    components = of_litestar["components"]
    schemas = {**components["schemas"], **_describe_components(routes)}
    in_order = {name: schemas[name] for name in sorted(schemas)}
    return {**of_litestar, "paths": paths, "components": {**components, "schemas": in_order}}


def _describe_paths(routes: Iterable[Route], base: str) -> dict[str, dict[str, Json]]:
    """Returns the operations of the endpoints, by path and method."""
    paths: dict[str, dict[str, Json]] = {}
    for route in routes:
        endpoint = route.endpoint
        if endpoint.name:
            operations = paths.setdefault(f"{base}{endpoint.path}", {})
            operations[endpoint.method.lower()] = _describe_operation(route)
    return paths


def _describe_components(routes: Iterable[Route]) -> dict[str, Json]:
    """Returns the schemas of all Structs in requests and responses."""
    endpoints = [route.endpoint for route in routes if route.endpoint.name]
    found = {kind for endpoint in endpoints for kind in _find_structs(endpoint)}
    return describe_structs([Error, ServerError, *found])


def _find_structs(endpoint: AnyEndpoint) -> Iterator[type[Struct]]:
    if endpoint.body is not None:
        yield endpoint.body
    for example in endpoint.responses.values():
        values = example[:1] if isinstance(example, list) else [example]
        yield from (type(each) for each in values if isinstance(each, Struct))


def _describe_operation(route: Route) -> Json:
    endpoint = route.endpoint
    parameters = [*_describe_parameters(endpoint)]
    security = [] if endpoint.caller is Caller.NOBODY else [*_SIGNED_IN]
    if security and endpoint.caller not in _STRICT:
        security.append({})
    return {
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": cleandoc(route.handler.__doc__ or ""),
        "operationId": endpoint.name,
        **({"parameters": parameters} if parameters else {}),
        **({} if endpoint.body is None else {"requestBody": _describe_body(endpoint)}),
        "responses": _describe_responses(endpoint),
        "deprecated": False,
        **({"security": security} if security else {}),
    }


def _describe_parameters(endpoint: AnyEndpoint) -> Iterator[Json]:
    if endpoint.parameter:
        name = endpoint.path.partition("{")[2].partition("}")[0]
        text: Json = {"description": endpoint.parameter}
        schema = {"type": "string", **text}
        yield {"name": name, "in": "path", "schema": schema, **text, **_make_flags(required=True)}
    for name in endpoint.switches:
        yield _describe_query(name, _SWITCH, required=False)
    if endpoint.query is not None:
        (struct,) = describe_structs([endpoint.query]).values()
        for name, schema in struct["properties"].items():
            yield _describe_query(name, schema, required=name in struct.get("required", ()))


def _describe_query(name: str, schema: Json, *, required: bool) -> Json:
    description = {"description": schema["description"]} if "description" in schema else {}
    bare = {key: value for key, value in schema.items() if key != "description"}
    flags = {"allowEmptyValue": False, "allowReserved": False, **_make_flags(required=required)}
    return {"name": name, "in": "query", "schema": bare, **description, **flags}


def _make_flags(*, required: bool) -> Json:
    return {"required": required, "deprecated": False}


def _describe_body(endpoint: AnyEndpoint) -> Json:
    assert endpoint.body is not None
    schema, examples = _refer(endpoint.body), _describe_examples(endpoint.body_examples)
    content: Json = {JSON: {"schema": schema, "examples": examples}}
    if not endpoint.body_examples:
        del content[JSON]["examples"]
    if endpoint.accepts_form:
        content[FORM] = {"schema": _describe_form(endpoint.body)}
    return {"content": content, "required": not endpoint.is_body_optional}


def _describe_form(body: type[Struct]) -> Json:
    """Returns the schema of a form, which has only text fields."""
    schema = describe_struct(body)
    texts = {name: each for name, each in schema["properties"].items() if accepts_text(each)}
    return {**schema, "title": f"{schema['title']}Form", "properties": texts}


def _describe_responses(endpoint: AnyEndpoint) -> Json:
    headers = endpoint.headers
    if headers is None:
        headers = COOKIES if endpoint.identifies else {}
    responses: Json = {}
    if endpoint.responses:
        responses["200"] = {
            "description": "; ".join(endpoint.responses),
            "headers": _describe_headers(headers),
            "content": {endpoint.media_type: _describe_success(endpoint.responses)},
        }
    if endpoint.redirects:
        sent = _describe_headers({**headers, "Location": _LOCATION})
        responses["302"] = {"description": _REDIRECT, "headers": sent}
    return {**responses, **_describe_refusals(endpoint)}


def _describe_success(examples: Mapping[str, object]) -> Json:
    lists = [example for example in examples.values() if isinstance(example, list)]
    # An empty list fits the schema of one that says what it holds.
    shown = [each for each in examples.values() if each != [] or not any(lists)]
    schemas = [_describe_type(example) for example in shown]
    different = [each for place, each in enumerate(schemas) if each not in schemas[:place]]
    schema = different[0] if len(different) == 1 else {"oneOf": different}
    return {"schema": schema, "examples": _describe_examples(examples)}


def _describe_type(example: object) -> Json:
    if isinstance(example, list):
        return {"type": "array", "items": _describe_type(example[0]) if example else {}}
    if isinstance(example, Struct):
        return _refer(type(example))
    return {"type": "null" if example is None else "string"}


def _describe_refusals(endpoint: AnyEndpoint) -> Json:
    by_status: dict[int, list[type[Refusal]]] = {}
    for kind in dict.fromkeys(_list_refusals(endpoint)):
        by_status.setdefault(kind.status, []).append(kind)
    responses = {status: _describe_refusal(kinds) for status, kinds in by_status.items()}
    responses[500] = _add_fault(responses.get(500))
    if endpoint.caller in _STRICT:
        for response in responses.values():
            response["headers"].update(_describe_headers(COOKIES))
    return {str(status): responses[status] for status in sorted(responses)}


def _list_refusals(endpoint: AnyEndpoint) -> Iterator[type[Refusal]]:
    """Yields the refusals of the handler, and those before it."""
    structs = (endpoint.body, endpoint.query)
    if any(struct is not None and struct.is_refused for struct in structs):
        yield InvalidBody
    yield from endpoint.refuses
    if endpoint.caller in _STRICT:
        yield endpoint.unauthorized
    if endpoint.refuses_foreign_logins:
        yield CrossSiteNavigationLoginBlocked
    if endpoint.checks_callback_url:
        yield InvalidCallbackUrl
    if endpoint.method == HTTPMethod.POST:
        yield from (k for k in _ON_POST if not (endpoint.ignores_body and k in _OF_BODIES))
    yield from _ALWAYS


def _describe_refusal(kinds: Sequence[type[Refusal]]) -> Json:
    examples = {
        kind.__name__: {"summary": kind.message, "value": _show_body(kind)}
        for kind in kinds
        if not issubclass(kind, SilentRefusal)
    }
    headers = {name: _SENT[name] for kind in kinds for name in kind.response_headers}
    content = {"content": {JSON: {"schema": _refer(Error), "examples": examples}}}
    return {
        "description": ", ".join(kind.code or kind.message for kind in kinds),
        "headers": _describe_headers(headers),
        **(content if examples else {}),
    }


def _add_fault(refused: Json | None) -> Json:
    """Adds the response to an unexpected error to the refusals with the same status."""
    response = refused or _describe_refusal(())
    known = [response["description"]] if refused else []
    media = response.get("content", {}).get(JSON, {"schema": _refer(ServerError), "examples": {}})
    media["examples"]["ServerError"] = {
        "summary": _FAULT.message,
        "value": msgspec.to_builtins(_FAULT),
    }
    response["description"] = ", ".join([*known, _FAULT.code])
    response["content"] = {JSON: media}
    return response


def _show_body(kind: type[Refusal]) -> Json:
    code = {} if kind.code is None else {"code": kind.code}
    return {"message": kind.message, **code}


def _describe_headers(headers: Mapping[str, str]) -> dict[str, Json]:
    return {
        name: {
            "schema": {"type": "integer" if name in _WAITS else "string"},
            "description": text,
            **_make_flags(required=False),
        }
        for name, text in headers.items()
    }


def _describe_examples(values: Mapping[str, object]) -> Json:
    return {
        summary: {"summary": summary, "value": msgspec.to_builtins(value)}
        for summary, value in values.items()
    }


def _refer(kind: type[Struct]) -> Json:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
