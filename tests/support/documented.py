"""Holds the answers of an application against what its OpenAPI document says of them."""

import json
import re
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from msgspec import Struct

from app.server.app import make_openapi_document
from app.server.plugins import PLUGINS
from app.settings.settings import Settings
from app.web.http.asgi import App, Message, Receive, Scope, Send
from tests.support.asgi import Json

ROOT = Path(__file__).parents[2]
_FOR_SCRIPTS = frozenset(
    {
        "location",
        "retry-after",
        "set-auth-jwt",
        "set-auth-token",
        "set-cookie",
        "www-authenticate",
        "x-retry-after",
        "x-total-count",
    }
)


class Operation(Struct, frozen=True):
    """One operation of the document; `path` is its template."""

    method: str
    path: str
    told: Json

    def matches(self, method: str, path: str) -> bool:
        """Whether such a request is for this operation."""
        pattern = re.sub(r"\{\w+\}", "[^/]+", self.path)
        return method == self.method and re.fullmatch(pattern, path) is not None


class Document:
    """An OpenAPI document, and the validators of its schemas as far as they were asked for."""

    def __init__(self, content: Json) -> None:
        self.content = content
        self._validators: dict[tuple[str, ...], Draft202012Validator] = {}
        found = [
            Operation(method.upper(), path, told)
            for path, item in content["paths"].items()
            for method, told in item.items()
        ]
        # Those with fewer parameters in the path first, as a router would look.
        self.operations = sorted(found, key=lambda each: each.path.count("{"))

    def validator(self, *pointer: str) -> Draft202012Validator:
        """Of the schema at this place."""
        if pointer not in self._validators:
            self._validators[pointer] = self._make_validator(pointer)
        return self._validators[pointer]

    def _make_validator(self, pointer: tuple[str, ...]) -> Draft202012Validator:
        steps = "/".join(step.replace("~", "~0").replace("/", "~1") for step in pointer)
        return Draft202012Validator(
            {**self.content, "$ref": f"#/{steps}"},
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )

    def find_operation(self, scope: Scope) -> Operation | None:
        method, path = str(scope["method"]), scope["raw_path"].decode()
        return next((each for each in self.operations if each.matches(method, path)), None)


_OF_PLUGINS: dict[str, Document] = {}


@cache
def default_document() -> Document:
    """The one in `openapi.json`."""
    return _read("openapi.json")


@cache
def complete_document() -> Document:
    """The one in `openapi-plugins.json`, with the endpoints of all plugins."""
    return _read("openapi-plugins.json")


def _read(file: str) -> Document:
    return Document(json.loads((ROOT / file).read_text()))


async def find_document(settings: Settings) -> Document:
    """The one of the plugins that are on, with their options."""
    always_on = {plugin.id for plugin in PLUGINS if plugin.always_on}
    if {plugin.id for plugin in settings.plugins} <= always_on:
        return default_document()
    key = repr(settings.plugins)
    if key not in _OF_PLUGINS:
        content = json.loads(json.dumps(await make_openapi_document(settings.plugins)))
        _OF_PLUGINS[key] = Document(content)
    return _OF_PLUGINS[key]


class Documented:
    """An application whose every answer to a documented request must be documented too."""

    def __init__(self, app: App, document: Document) -> None:
        self._app = app
        self._document = document
        self.seen: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[Message] = []

        async def watched(message: Message) -> None:
            sent.append(message)
            await send(message)

        is_http = scope["type"] == "http"
        operation = self._document.find_operation(scope) if is_http else None
        await self._app(scope, receive, watched)
        if operation is not None and not _is_disabled(sent):
            status = _check(operation, sent, self._document)
            self.seen.add((operation.told["operationId"], status))


def _is_disabled(sent: list[Message]) -> bool:
    """Whether a path of `disabledPaths` was asked for: what is not offered is not described."""
    return sent[-1].get("body") == b"Not Found"


def _check(operation: Operation, sent: list[Message], document: Document) -> str:
    """The status; fails where the document does not tell of this answer."""
    start = next(each for each in sent if each["type"] == "http.response.start")
    body = b"".join(each.get("body", b"") for each in sent if each["type"] == "http.response.body")
    status = str(start["status"])
    name = f"{operation.told['operationId']} {status}: {body.decode()[:200]}"
    response = operation.told["responses"].get(status)
    assert response is not None, f"not documented: {name}"
    headers = {k.decode().lower(): v.decode("latin-1") for k, v in start["headers"]}
    told = {each.lower() for each in response.get("headers", {})}
    assert headers.keys() & _FOR_SCRIPTS <= told, f"a header of {name}"
    content = response.get("content")
    if content is None:
        assert body == b""
    elif body or "no body" not in response["description"]:
        media_type = headers["content-type"].partition(";")[0]
        assert media_type in content, f"{media_type} of {operation.told['operationId']} {status}"
        place = ("responses", status, "content", media_type, "schema")
        answer = json.loads(body) if media_type == "application/json" else body.decode()
        at = ("paths", operation.path, operation.method.lower(), *place)
        document.validator(*at).validate(answer)
    return status
