"""What the example has in common with the service's own task API, on one table."""

import pytest

from .conftest import Scene, TaskApi

pytestmark = pytest.mark.xdist_group("fastapi-tasks")

EVERYTHING = {
    "title": "Écrire à “Bob”",
    "description": "Two\nlines",
    "completed": True,
    "priority": "high",
    "due_date": "2026-11-30T12:30:00+02:00",
    "tags": ["home", "thé"],
}
CHANGES = [
    {"title": "Buy oat milk"},
    {"description": None, "priority": None, "due_date": None, "tags": None},
    {"completed": False, "due_date": "2027-01-01", "tags": ["a", "b"]},
    {"due_date": "9999-12-31"},
    {"due_date": "2026-11-30T12:30:00.5"},
]
FAULTY = [
    {"title": ""},
    {"title": " \n"},
    {"title": "x" * 201},
    {"title": None},
    {"title": 5},
    {"title": "a\0b"},
    {"description": "x" * 1001},
    {"completed": None},
    {"priority": "urgent"},
    {"due_date": "tomorrow"},
    {"due_date": "0001-01-01"},
    {"tags": [""]},
    {"tags": ["x" * 51]},
    {"tags": ["x"] * 21},
    {"tags": "home"},
]


@pytest.fixture(params=["served", "example"])
def makers(request: pytest.FixtureRequest, scene: Scene) -> tuple[TaskApi, TaskApi]:
    """Who makes a task, and who is asked for it."""
    apis = scene.served, scene.example
    return apis if request.param == "served" else apis[::-1]


@pytest.mark.parametrize("fields", [{}, EVERYTHING], ids=["title", "everything"])
def test_a_task_of_one_is_the_same_at_the_other(
    makers: tuple[TaskApi, TaskApi], scene: Scene, fields: dict[str, object]
) -> None:
    maker, other = makers
    made = maker.make(scene.ann, **fields)
    assert other.send(scene.ann, "GET", f"/{made['id']}").json() == made


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_changes_come_to_the_same(scene: Scene, changes: dict[str, object]) -> None:
    left = []
    for api in (scene.served, scene.example):
        made = api.make(scene.ann, **EVERYTHING)
        changed = api.send(scene.ann, "PATCH", f"/{made['id']}", changes).json()
        assert changed["updated_at"] > made["updated_at"]
        assert changed["created_at"] == made["created_at"]
        left.append({k: v for k, v in changed.items() if k != "id" and not k.endswith("ed_at")})
    assert left[0] == left[1]


@pytest.mark.parametrize("body", [None, {}, {"completed": True}, {"completed": False}], ids=str)
def test_ticking_does_the_same(scene: Scene, body: object) -> None:
    ticked = []
    for api in (scene.served, scene.example):
        path = f"/{api.make(scene.ann)['id']}/complete"
        answers = [api.send(scene.ann, "PATCH", path, body).json() for _ in range(2)]
        ticked.append([answer["completed"] for answer in answers])
    assert ticked[0] == ticked[1]


@pytest.mark.parametrize("fault", FAULTY, ids=lambda fault: str(fault)[:40])
def test_what_one_refuses_the_other_refuses(scene: Scene, fault: dict[str, object]) -> None:
    for api in (scene.served, scene.example):
        made = api.make(scene.ann)
        for method, path in (("POST", ""), ("PATCH", f"/{made['id']}")):
            refused = api.send(scene.ann, method, path, {"title": "Buy milk", **fault})
            assert refused.status_code == 422, refused.text
            assert {each["loc"][1] for each in refused.json()["detail"]} == set(fault)
        assert api.send(scene.ann, "GET", f"/{made['id']}").json() == made


@pytest.mark.parametrize(
    "query",
    ["", "?status=pending", "?status=completed", "?limit=2", "?limit=1&offset=2", "?offset=1000"],
)
def test_lists_are_the_same(scene: Scene, query: str) -> None:
    for completed in (True, False, True):
        scene.served.make(scene.bob, completed=completed)
    lists = [api.send(scene.bob, "GET", query) for api in (scene.served, scene.example)]
    assert lists[0].json() == lists[1].json()
    totals = [each.headers["x-total-count"] for each in lists]
    assert totals[0] == totals[1]


@pytest.mark.parametrize("query", ["?limit=0", "?limit=1001", "?offset=-1", "?status=open"])
def test_both_refuse_such_a_list(scene: Scene, query: str) -> None:
    for api in (scene.served, scene.example):
        assert api.send(scene.ann, "GET", query).status_code == 422


def test_a_deleted_task_is_gone_for_both(makers: tuple[TaskApi, TaskApi], scene: Scene) -> None:
    deleting, other = makers
    path = f"/{other.make(scene.ann)['id']}"
    assert deleting.send(scene.ann, "DELETE", path).status_code == 204
    for api in makers:
        assert api.send(scene.ann, "GET", path).status_code == 404
        assert api.send(scene.ann, "DELETE", path).status_code == 404
