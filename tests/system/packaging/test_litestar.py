"""The installed package in a real Litestar application, against tokens of the real service."""

from collections.abc import Iterator

import pytest

from .conftest import Scene, served
from .people import ask

pytestmark = pytest.mark.xdist_group("published")


@pytest.fixture(scope="module")
def api(shared_secret: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("litestar")
    with served("consumer_litestar", "litestar", shared_secret.environ, folder) as url:
        yield url


def test_the_person_whose_token_it_is(api: str, shared_secret: Scene) -> None:
    ann = shared_secret.ann
    found = ask(f"{api}/me", ann.bearer).json()
    assert (found["id"], found["email"]) == (ann.id, "ann@example.com")


def test_own_path_and_that_of_somebody_else(api: str, shared_secret: Scene) -> None:
    ann, bob = shared_secret.ann, shared_secret.bob
    assert ask(f"{api}/api/{ann.id}/tasks", ann.bearer).json() == [ann.id]
    assert ask(f"{api}/api/{bob.id}/tasks", ann.bearer).json()["code"] == "FORBIDDEN"


@pytest.mark.parametrize("path", ["/me", "/api/x/tasks"])
def test_refusals_are_those_of_the_service(api: str, path: str) -> None:
    missing = ask(f"{api}{path}")
    assert (missing.status, missing.header("www-authenticate")) == (401, "Bearer")
    bad = ask(f"{api}{path}", {"authorization": "Bearer a.b.c"})
    assert bad.status == 401
    assert bad.json()["code"] == "INVALID_TOKEN"
    assert 'error="invalid_token"' in (bad.header("www-authenticate") or "")
