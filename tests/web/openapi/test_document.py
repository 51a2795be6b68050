"""What the OpenAPI document says of an endpoint follows from its declaration."""

from typing import Any, Literal

import pytest
from msgspec import Struct

from app.models.errors import TooManyRequests
from app.web.endpoint import ApiRequest, Caller, Endpoint, Route
from app.web.http.response import EmptyResponse, Response
from app.web.input.validation import WireBody
from app.web.openapi.document import complete_document
from app.web.openapi.schemas import Json

NOTHING: Json = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": {}}}


class Made(Struct, frozen=True):
    """A view."""

    name: str


class Body(WireBody, frozen=True):
    """A body."""

    text: str
    count: int = 0


async def answer(_request: ApiRequest[Any, Any, Any]) -> Response[Any]:
    """Do it.

    Then say so.
    """
    return EmptyResponse(204)


class Guard:
    """Never asked: the document calls nobody."""

    async def identify(self, *_: object, **__: object) -> Any:
        raise AssertionError


def document_of(*routes: Route) -> Json:
    return complete_document(routes, "/api", NOTHING)


def test_operation_is_what_was_declared() -> None:
    declared = Endpoint(
        "POST /things/{id}",
        name="makeThing",
        tag="Things",
        summary="Make a thing",
        caller=Caller.SESSION,
        parameter="Which one.",
        body=Body,
        accepts_form=True,
        body_examples={"One": {"text": "a"}},
        responses={"Made": Made("a"), "Nothing to make": None},
    )
    document = document_of(declared.with_handler(answer, Guard()))
    operation = document["paths"]["/api/things/{id}"]["post"]
    assert operation["operationId"] == "makeThing"
    assert operation["description"] == "Do it.\n\nThen say so."
    assert operation["security"] == [{"sessionCookie": []}, {"bearerAuth": []}]
    names = [each["name"] for each in operation["parameters"]]
    assert names == ["id", "disableRefresh", "disableCookieCache"]
    form = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert set(form["properties"]) == {"text"}
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"oneOf": [{"$ref": "#/components/schemas/Made"}, {"type": "null"}]}
    assert {"400", "401", "403", "413", "415", "429", "500", "503"} < operation["responses"].keys()
    assert {"Made", "Body", "Error", "ServerError"} == document["components"]["schemas"].keys()


class Optional(WireBody, frozen=True):
    """Fields of every kind."""

    text: str
    maybe: str | None = None
    chosen: Literal["a", "b"] = "a"
    part: Made | None = None
    count: int | None = None
    level: Literal[1, 2] = 1


def test_form_has_the_fields_that_may_be_text() -> None:
    declared = Endpoint("POST /x", name="x", body=Optional, accepts_form=True)
    document = document_of(declared.with_handler(answer))
    content = document["paths"]["/api/x"]["post"]["requestBody"]["content"]
    form = content["application/x-www-form-urlencoded"]["schema"]
    assert set(form["properties"]) == {"text", "maybe", "chosen"}


@pytest.mark.parametrize(
    ("examples", "items"),
    [
        ({"None": []}, {}),
        ({"None": [], "One": [Made("a")]}, {"$ref": "#/components/schemas/Made"}),
        ({"One": [Made("a")], "None": []}, {"$ref": "#/components/schemas/Made"}),
    ],
)
def test_list_may_be_empty_in_an_example(examples: dict[str, list[Made]], items: Json) -> None:
    declared = Endpoint("GET /x", name="x", responses=examples)
    document = document_of(declared.with_handler(answer))
    content = document["paths"]["/api/x"]["get"]["responses"]["200"]["content"]["application/json"]
    assert content["schema"] == {"type": "array", "items": items}
    assert content["examples"]["None"]["value"] == []


def test_cookies_go_with_every_refusal_of_who_is_signed_in() -> None:
    routes = [
        Endpoint("GET /mine", name="mine", caller=Caller.STORED).with_handler(answer, Guard()),
        Endpoint("GET /all", name="all").with_handler(answer),
    ]
    paths = document_of(*routes)["paths"]
    mine, everybody = paths["/api/mine"]["get"], paths["/api/all"]["get"]
    for response in mine["responses"].values():
        assert {"Set-Cookie", "set-auth-token"} <= response["headers"].keys()
    limited = everybody["responses"][str(TooManyRequests.status)]
    assert limited["headers"].keys() == {"X-Retry-After"}


def test_endpoint_without_a_name_is_not_in_it() -> None:
    assert document_of(Endpoint("GET /hidden").with_handler(answer))["paths"] == {}


def test_two_endpoints_of_one_name_are_a_mistake() -> None:
    both = [Endpoint(f"GET /{path}", name="same").with_handler(answer) for path in ("a", "b")]
    with pytest.raises(ValueError, match="two endpoints are called same"):
        document_of(*both)


def test_two_structs_of_one_name_are_a_mistake() -> None:
    def view() -> Struct:
        class Made(Struct, frozen=True):
            other: int

        return Made(1)

    routes = [
        Endpoint("GET /a", name="a", responses={"A": Made("a")}).with_handler(answer),
        Endpoint("GET /b", name="b", responses={"B": view()}).with_handler(answer),
    ]
    with pytest.raises(ValueError, match="two Structs are called Made"):
        document_of(*routes)
