"""Which template a path fits."""

import pytest

from app.web.middleware.route_table import RouteTable

GET = frozenset({"GET"})
POST = frozenset({"POST"})
TABLE = RouteTable(
    {
        "/ok": GET,
        "/things/{id}/{part}": GET,
        "/things/{id}/parts": POST,
        "/things/all/parts": GET,
        "/things/{id}": GET | POST,
    }
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
    assert found.template == template


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
    assert TABLE.template_of("/things/s3cret") == "/things/{id}"
    assert TABLE.template_of("/things/all/parts") == "/things/all/parts"
    assert TABLE.template_of("/thing/s3cret") is None


def test_path_of_a_parameter_is_none_of_the_bounded_ones() -> None:
    assert "/ok" in TABLE
    assert "/things/1" not in TABLE
    assert "/things/{id}" not in TABLE
