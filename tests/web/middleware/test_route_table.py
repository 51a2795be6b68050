"""Which template a path fits."""

import pytest

from app.web.endpoint import ApiRequest, Endpoint, Route
from app.web.http.response import EmptyResponse
from app.web.middleware.route_table import RouteTable
from app.web.rate_rule import Rule


async def nothing(_request: ApiRequest) -> EmptyResponse:
    return EmptyResponse(204)


RULE = Rule(window=60, max=1)
TABLE = RouteTable(
    Endpoint(place, rate_rule=RULE if "parts" in place else None).with_handler(nothing)
    for place in (
        "GET /ok",
        "GET /things/{id}/{part}",
        "POST /things/{id}/parts",
        "GET /things/all/parts",
        "GET /things/{id}",
        "POST /things/{id}",
    )
)


@pytest.mark.parametrize(
    ("method", "path", "template"),
    [
        ("GET", "/ok", "/ok"),
        ("GET", "/things/1", "/things/{id}"),
        ("POST", "/things/1", "/things/{id}"),
        ("GET", "/things/%7Bid%7D", "/things/{id}"),
        ("GET", "/things/all/parts", "/things/all/parts"),
        ("POST", "/things/all/parts", "/things/{id}/parts"),
        ("GET", "/things/1/parts", "/things/{id}/{part}"),
        ("GET", "/things/1/more", "/things/{id}/{part}"),
    ],
)
def test_route_is_the_most_fixed_one_that_answers_the_method(
    method: str, path: str, template: str
) -> None:
    found = TABLE.find(path, method)
    assert found is not None
    assert found.endpoint.method_and_path == f"{method} {template}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/ok"),
        ("GET", "/OK"),
        ("GET", "ok"),
        ("GET", ""),
        ("GET", "/things"),
        ("GET", "/things/"),
        ("GET", "/things//parts"),
        ("GET", "/things/1/2/3"),
        ("HEAD", "/things/1"),
        ("POST", "/things/1/more"),
    ],
)
def test_other_paths_and_methods_find_nothing(method: str, path: str) -> None:
    assert TABLE.find(path, method) is None


def test_template_is_told_whatever_the_method() -> None:
    assert TABLE.find_template("/things/s3cret") == "/things/{id}"
    assert TABLE.find_template("/things/all/parts") == "/things/all/parts"
    assert TABLE.find_template("/thing/s3cret") is None


def test_two_endpoints_at_one_place_are_a_mistake() -> None:
    both = [Endpoint("GET /ok").with_handler(nothing), Endpoint("GET /ok").with_handler(nothing)]
    with pytest.raises(ValueError, match="two endpoints are at GET /ok"):
        RouteTable(both)


def test_two_rules_at_one_path_are_a_mistake() -> None:
    def declare(*rules: Rule | None) -> list[Route]:
        declared = zip(("GET /x", "POST /x", "PUT /x"), rules, strict=False)
        return [Endpoint(at, rate_rule=rule).with_handler(nothing) for at, rule in declared]

    with pytest.raises(ValueError, match="two rate rules are at /x"):
        RouteTable(declare(RULE, Rule(window=60, max=100)))
    for rules in ((RULE, None), (None, RULE), (RULE, None, Rule(window=60, max=1))):
        assert RouteTable(declare(*rules)).find_rate_rule("/x") == RULE


@pytest.mark.parametrize(
    ("path", "rule"),
    [("/ok", None), ("/nowhere", None), ("/things/1/parts", RULE), ("/things/all/parts", RULE)],
)
def test_rule_of_a_path_is_that_of_its_endpoint(path: str, rule: Rule | None) -> None:
    assert TABLE.find_rate_rule(path) == rule
