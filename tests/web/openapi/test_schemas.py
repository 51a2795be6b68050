"""The document is valid and complete, and a client generator accepts it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.support import node
from tests.support.asgi import Json
from tests.support.documented import DOCUMENT, ROOT, Operation, operations, validator

CLIENT = ROOT / "tests" / "system" / "js_client"
OPERATIONS = pytest.mark.parametrize(
    "operation", operations(), ids=lambda each: str(each.told["operationId"])
)


def test_document_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@OPERATIONS
def test_operation_says_what_it_does(operation: Operation) -> None:
    told = operation.told
    assert told["summary"]
    assert told["description"]
    known = {tag["name"] for tag in DOCUMENT["tags"]}
    assert set(told["tags"]) <= known, f"{told['tags']}: add it to _TAGS in app/web/openapi/docs.py"
    for response in told["responses"].values():
        assert "Request fulfilled" not in response["description"]
        for media in response.get("content", {}).values():
            assert media["examples"]


@OPERATIONS
def test_examples_are_of_the_schema_beside_them(operation: Operation) -> None:
    for place, media in _media_types(operation):
        for example in media.get("examples", {}).values():
            validator(*place, "schema").validate(example["value"])


@OPERATIONS
def test_bodies_and_parameters_do_not_admit_null(operation: Operation) -> None:
    for parameter in operation.told.get("parameters", []):
        assert '"null"' not in json.dumps(parameter)
    for media_type in operation.told.get("requestBody", {}).get("content", {}):
        place = ("paths", operation.path, operation.method.lower(), "requestBody", "content")
        assert not validator(*place, media_type, "schema").is_valid(None)


def test_both_security_schemes_are_used() -> None:
    used = {
        scheme
        for operation in operations()
        for requirement in operation.told.get("security", [])
        for scheme in requirement
    }
    assert used == {"sessionCookie", "bearerAuth"} == set(DOCUMENT["components"]["securitySchemes"])


def test_forms_hold_texts_only() -> None:
    form = DOCUMENT["paths"]["/api/auth/sign-in/email"]["post"]["requestBody"]["content"][
        "application/x-www-form-urlencoded"
    ]
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
