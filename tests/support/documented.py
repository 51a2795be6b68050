"""Holds the answers of an application against what `openapi.json` says of them."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from msgspec import Struct

from app.web.http.asgi import App, Message, Receive, Scope, Send
from tests.support.asgi import Json

ROOT = Path(__file__).parents[2]
DOCUMENT: Json = json.loads((ROOT / "openapi.json").read_text())
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


class Documented:
    """An application whose every answer to a documented request must be documented too."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.seen: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[Message] = []

        async def watched(message: Message) -> None:
            sent.append(message)
            await send(message)

        operation = _operation(scope) if scope["type"] == "http" else None
        await self._app(scope, receive, watched)
        if operation is not None and not _is_disabled(sent):
            self.seen.add((operation.told["operationId"], _check(operation, sent)))


@cache
def operations() -> list[Operation]:
    """All of them; those with fewer parameters in the path first, as a router would look."""
    found = [
        Operation(method.upper(), path, told)
        for path, item in DOCUMENT["paths"].items()
        for method, told in item.items()
    ]
    return sorted(found, key=lambda each: each.path.count("{"))


@cache
def validator(*pointer: str) -> Draft202012Validator:
    """Of the schema at this place in the document."""
    steps = "/".join(step.replace("~", "~0").replace("/", "~1") for step in pointer)
    return Draft202012Validator(
        {**DOCUMENT, "$ref": f"#/{steps}"}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _operation(scope: Scope) -> Operation | None:
    method, path = str(scope["method"]), scope["raw_path"].decode()
    return next((each for each in operations() if each.matches(method, path)), None)


def _is_disabled(sent: list[Message]) -> bool:
    """Whether a path of `disabledPaths` was asked for: what is not offered is not described."""
    return sent[-1].get("body") == b"Not Found"


def _check(operation: Operation, sent: list[Message]) -> str:
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
    _check_body(operation, status, headers, body)
    return status


def _check_body(operation: Operation, status: str, headers: Mapping[str, str], body: bytes) -> None:
    content = operation.told["responses"][status].get("content")
    if content is None:
        assert body == b""
        return
    if not body and "no body" in operation.told["responses"][status]["description"]:
        return
    media_type = headers["content-type"].partition(";")[0]
    assert media_type in content, f"{media_type} of {operation.told['operationId']} {status}"
    place = ("responses", status, "content", media_type, "schema")
    answer = json.loads(body) if media_type == "application/json" else body.decode()
    validator("paths", operation.path, operation.method.lower(), *place).validate(answer)
