"""The document is valid and complete, and a client generator accepts it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.support import node
from tests.support.asgi import Json
from tests.support.documented import ROOT, Document, Operation, complete_document, default_document

CLIENT = ROOT / "tests" / "system" / "js_client"
OPERATIONS = pytest.mark.parametrize(
    "operation", complete_document().operations, ids=lambda each: str(each.told["operationId"])
)


@pytest.mark.parametrize("document", [default_document(), complete_document()])
def test_document_is_valid_openapi_3_1(document: Document) -> None:
    assert document.content["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document.content).validate()


@OPERATIONS
def test_operation_says_what_it_does(operation: Operation) -> None:
    told = operation.told
    assert told["summary"]
    assert told["description"]
    known = {tag["name"] for tag in complete_document().content["tags"]}
    assert set(told["tags"]) <= known, f"{told['tags']}: add it to `tags` of the plugin"
    for response in told["responses"].values():
        assert "Request fulfilled" not in response["description"]
        for media in response.get("content", {}).values():
            assert media["examples"]


@OPERATIONS
def test_examples_are_of_the_schema_beside_them(operation: Operation) -> None:
    for place, media in _media_types(operation):
        for example in media.get("examples", {}).values():
            complete_document().validator(*place, "schema").validate(example["value"])


@OPERATIONS
def test_bodies_and_parameters_do_not_admit_null(operation: Operation) -> None:
    for parameter in operation.told.get("parameters", []):
        assert '"null"' not in json.dumps(parameter)
    for media_type in operation.told.get("requestBody", {}).get("content", {}):
        place = ("paths", operation.path, operation.method.lower(), "requestBody", "content")
        assert not complete_document().validator(*place, media_type, "schema").is_valid(None)


def test_both_security_schemes_are_used() -> None:
    used = {
        scheme
        for operation in complete_document().operations
        for requirement in operation.told.get("security", [])
        for scheme in requirement
    }
    assert (
        used
        == {"sessionCookie", "bearerAuth"}
        == set(complete_document().content["components"]["securitySchemes"])
    )


def test_forms_hold_texts_only() -> None:
    form = complete_document().content["paths"]["/api/auth/sign-in/email"]["post"]["requestBody"][
        "content"
    ]["application/x-www-form-urlencoded"]
    assert set(form["schema"]["properties"]) == {"email", "password", "callbackURL"}


def test_client_generator_accepts_it(tmp_path: Path) -> None:
    node.install(CLIENT)
    tools = CLIENT / "node_modules"
    types, script = tmp_path / "api.ts", tmp_path / "use.ts"
    script.write_text(USE)
    _run(tools / "openapi-typescript" / "bin" / "cli.js", ROOT / "openapi.json", "-o", types)
    _run(tools / "typescript" / "bin" / "tsc", "--noEmit", "--strict", script)


USE = """
import type { operations, components } from "./api";
type Tasks = operations["listTasks"]["responses"][200]["content"]["application/json"];
export const titles = (tasks: Tasks): string[] => tasks.map((task) => task.title);
export const body: components["schemas"]["NewTask"] = { title: "Buy milk", priority: "low" };
"""


def _media_types(operation: Operation) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Every body of an operation, with its place in the document."""
    root = ("paths", operation.path, operation.method.lower())
    bodies: list[tuple[tuple[str, ...], Json]] = [
        (("requestBody",), operation.told.get("requestBody", {})),
        *((("responses", k), each) for k, each in operation.told["responses"].items()),
    ]
    for place, body in bodies:
        for media_type, media in body.get("content", {}).items():
            yield (*root, *place, "content", media_type), media


def _run(script: Path, *arguments: Path | str) -> None:
    done = subprocess.run(
        [node.node(), script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
