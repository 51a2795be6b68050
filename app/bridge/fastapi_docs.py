"""The bridge in FastAPI's docs: the padlock, and the refusals."""

from collections.abc import Iterator
from functools import wraps
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.models import APIKey, HTTPBearer, SecurityBase

from .configuration import find_cookie_name
from .errors import BridgeError, ForbiddenUser, ForeignOrigin, InvalidToken, Unavailable

OWN_ID: Final = "The caller's own id: the `sub` of the token."
_BEARER: Final = "bearerAuth"
_COOKIE: Final = "sessionCookie"
_BODY: Final = {
    "type": "object",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
}
_CHALLENGE: Final = {"description": "RFC 6750, section 3", "schema": {"type": "string"}}

Json = dict[str, Any]  # a part of the document


def build_padlock() -> tuple[str, SecurityBase]:
    """Returns name and kind of the required credentials."""
    name = find_cookie_name()
    if name is None:
        return _BEARER, HTTPBearer(bearerFormat="JWT")
    return _COOKIE, APIKey.model_validate({"in": "cookie", "name": name})


def describe_refusals(application: type[FastAPI]) -> None:
    """Adds the refusals to the documents of routes with our padlock.

    In FastAPI a dependency can add a padlock, but no responses. Responses that a route declares
    itself stay.
    """
    original = application.openapi

    @wraps(original)
    def build_document(self: FastAPI) -> Json:
        document = original(self)
        for operation in _list_operations(document):
            _describe(operation)
        return document

    application.openapi = build_document  # type: ignore[method-assign]


def _list_operations(document: Json) -> Iterator[Json]:
    for path in document.get("paths", {}).values():
        for operation in path.values():
            if isinstance(operation, dict):
                yield operation


def _describe(operation: Json) -> None:
    schemes = {name for scheme in operation.get("security", ()) for name in scheme}
    if schemes.isdisjoint({_BEARER, _COOKIE}):
        return
    kinds: list[type[BridgeError]] = [InvalidToken, Unavailable]
    if any(of.get("description") == OWN_ID for of in operation.get("parameters", ())):
        kinds.append(ForbiddenUser)
    elif _COOKIE in schemes:
        kinds.append(ForeignOrigin)
    for kind in sorted(kinds, key=lambda kind: kind.status):
        operation["responses"].setdefault(str(kind.status), _describe_response(kind))


def _describe_response(kind: type[BridgeError]) -> Json:
    challenged = {"headers": {"WWW-Authenticate": _CHALLENGE}} if kind is InvalidToken else {}
    content = {"application/json": {"schema": _BODY}}
    return {"description": kind.message, **challenged, "content": content}
