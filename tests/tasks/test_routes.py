"""The task API over HTTP: statuses, headers, shapes, and who may do what."""

import asyncio
import re

import pytest
from litestar import Litestar

from app.bridge import Verifier
from app.bridge.litestar import requires_user
from app.models.errors import StoreUnavailable
from app.tasks.routes import make_task_router
from app.tasks.tasks import Tasks
from tests.bridge.minting import SECRET, good_claims, mint
from tests.support.asgi import Json, call
from tests.support.tables import TABLES

from .conftest import TaskApi

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
FIELDS = ["id", "user_id", "title", "description", "completed", "priority", "due_date", "tags"]
EVERY_ROUTE = [
    ("GET", ""),
    ("POST", ""),
    ("GET", "/1"),
    ("PUT", "/1"),
    ("PATCH", "/1"),
    ("DELETE", "/1"),
    ("PATCH", "/1/complete"),
]
NOT_FOUND = {
    "code": "TASK_NOT_FOUND",
    "message": "There is no such task",
    "detail": "There is no such task",
}
OF_ONE_TASK = [("GET", ""), ("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("PATCH", "/complete")]


async def test_created_task_has_every_field(api: TaskApi) -> None:
    answer = await api.send("POST", "/api/tasks", {"title": "Buy milk"})
    task = answer.json()
    assert answer.status == 201
    assert answer.header("location") == f"/api/tasks/{task['id']}"
    assert answer.header("content-type") == "application/json"
    assert list(task) == [*FIELDS, "created_at", "updated_at"]
    assert isinstance(task["id"], int)
    assert (task["user_id"], task["title"]) == ("ann", "Buy milk")
    assert (task["description"], task["priority"], task["due_date"]) == (None, None, None)
    assert (task["completed"], task["tags"]) == (False, [])
    assert ISO.fullmatch(task["created_at"])
    assert task["created_at"] == task["updated_at"]


async def test_created_task_keeps_what_was_sent(api: TaskApi) -> None:
    sent = {
        "title": " Große Wäsche 🧺 ",
        "description": "",
        "completed": True,
        "priority": "high",
        "due_date": "2026-11-30",
        "tags": ["Haus", 'naïve "quotes" \\ 名'],
    }
    made = (await api.send("POST", "/api/tasks", sent)).json()
    stored = (await api.send("GET", f"/api/tasks/{made['id']}")).json()
    assert stored == made
    assert {name: stored[name] for name in sent} == sent | {"due_date": "2026-11-30T00:00:00.000Z"}


@pytest.mark.parametrize("prefix", ["/api/tasks", "/api/ann/tasks"])
async def test_life_of_a_task_under_either_prefix(api: TaskApi, prefix: str) -> None:
    made = await api.send("POST", prefix, {"title": "a"})
    place = f"{prefix}/{made.json()['id']}"
    assert made.header("location") == place
    assert (await api.send("GET", place)).json() == made.json()
    assert (await api.send("PUT", place, {"title": "b"})).json()["title"] == "b"
    assert (await api.send("PATCH", place, {"priority": "low"})).json()["priority"] == "low"
    assert (await api.send("PATCH", f"{place}/complete")).json()["completed"] is True
    assert [task["title"] for task in (await api.send("GET", prefix)).json()] == ["b"]
    gone = await api.send("DELETE", place)
    assert (gone.status, gone.body) == (204, b"")
    assert (await api.send("GET", place)).status == 404


async def test_location_is_percent_encoded(api: TaskApi) -> None:
    answer = await api.send("POST", "/api/%61nn/tasks", {"title": "a"})
    assert answer.header("location") == f"/api/ann/tasks/{answer.json()['id']}"


@pytest.mark.parametrize(("method", "rest"), EVERY_ROUTE)
@pytest.mark.parametrize("prefix", ["/api/tasks", "/api/ann/tasks"])
async def test_no_token_is_401_before_anything_else(
    edge: TaskApi, prefix: str, method: str, rest: str
) -> None:
    answer = await edge.send(method, prefix + rest, b"{", user=None)
    assert (answer.status, answer.header("www-authenticate")) == (401, "Bearer")
    assert list(answer.json()) == ["code", "message", "detail"]


async def test_bad_token_is_401_and_says_why(edge: TaskApi) -> None:
    token = mint(good_claims(sub="ann", exp=1))
    answer = await edge.send(
        "GET", "/api/tasks", user=None, headers=[("authorization", f"Bearer {token}")]
    )
    assert answer.status == 401
    assert answer.header("www-authenticate") == (
        'Bearer error="invalid_token", error_description="token expired"'
    )
    assert answer.json()["detail"] == "token expired"


@pytest.mark.parametrize(("method", "rest"), EVERY_ROUTE)
async def test_path_of_somebody_else_is_403_before_the_body_is_judged(
    edge: TaskApi, method: str, rest: str
) -> None:
    answer = await edge.send(method, f"/api/bob/tasks{rest}", b"{")
    assert answer.status == 403
    assert answer.json()["code"] == "FORBIDDEN"
    assert list(answer.json()) == ["code", "message", "detail"]


@pytest.mark.parametrize("user_id", ["Ann", "ann%20", "an", "annn", "%00", "*", "ann%2F.."])
async def test_path_is_compared_exactly(edge: TaskApi, user_id: str) -> None:
    assert (await edge.send("GET", f"/api/{user_id}/tasks")).status in {403, 404}


async def test_task_of_somebody_else_reads_like_one_that_is_not_there(api: TaskApi) -> None:
    [task] = await api.make("secret", user="bob")
    for method, rest in OF_ONE_TASK:
        body = {"title": "mine now"} if method in {"PUT", "PATCH"} and not rest else ...
        other = await api.send(method, f"/api/tasks/{task['id']}{rest}", body)
        missing = await api.send(method, f"/api/tasks/{task['id'] + 1}{rest}", body)
        largest = await api.send(method, f"/api/tasks/{2**31 - 1}{rest}", body)
        assert other == missing == largest
        assert (other.status, other.json()) == (404, NOT_FOUND)
    assert (await api.send("GET", f"/api/tasks/{task['id']}", user="bob")).json() == task


@pytest.mark.parametrize(
    "task_id",
    ["-1", "+1", "1.0", "1e3", "0x1", "1_0", "%201", "٣", "abc", "null", "%00"],
)
@pytest.mark.parametrize(("method", "rest"), OF_ONE_TASK)
async def test_id_that_is_no_number_is_404(
    edge: TaskApi, task_id: str, method: str, rest: str
) -> None:
    body = {"title": "x"} if method in {"PUT", "PATCH"} and not rest else ...
    answer = await edge.send(method, f"/api/tasks/{task_id}{rest}", body)
    assert (answer.status, answer.json()["code"]) == (404, "TASK_NOT_FOUND")


@pytest.mark.parametrize(
    "task_id", ["0", "2147483648", "9" * 19, "9223372036854775808", "9" * 5000]
)
@pytest.mark.parametrize(("method", "rest"), OF_ONE_TASK)
async def test_id_that_is_out_of_range_is_404(
    edge: TaskApi, task_id: str, method: str, rest: str
) -> None:
    body = {"title": "x"} if method in {"PUT", "PATCH"} and not rest else ...
    answer = await edge.send(method, f"/api/tasks/{task_id}{rest}", body)
    assert (answer.status, answer.json()["code"]) == (404, "TASK_NOT_FOUND")


@pytest.mark.engines("sqlite", "postgres")
async def test_identity_in_body_or_query_is_ignored(api: TaskApi) -> None:
    forged = {"title": "a", "user_id": "bob", "id": 77, "created_at": "2000-01-01", "sub": "bob"}
    task = (await api.send("POST", "/api/tasks?user_id=bob", forged)).json()
    assert (task["user_id"], task["created_at"][:4] > "2000") == ("ann", True)
    changed = (await api.send("PATCH", f"/api/tasks/{task['id']}?user_id=bob", forged)).json()
    assert (changed["user_id"], changed["id"]) == ("ann", task["id"])
    assert changed["created_at"] == task["created_at"]
    assert await api.titles("?user_id=bob", user="bob") == []
    assert await api.titles("?user_id=bob") == ["a"]


@pytest.mark.engines("sqlite", "postgres")
async def test_token_of_a_deleted_user_makes_no_task(api: TaskApi) -> None:
    answer = await api.send("POST", "/api/tasks", {"title": "a"}, user="gone")
    assert answer.status == 401
    assert answer.json()["code"] == "INVALID_TOKEN"
    assert 'error="invalid_token"' in (answer.header("www-authenticate") or "")
    assert await api.titles(user="gone") == []


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_partial_body_changes_only_what_it_names(api: TaskApi, method: str) -> None:
    [task] = await api.make("a", description="d", priority="low", tags=["t"], due_date="2026-12-01")
    answer = await api.send(method, f"/api/tasks/{task['id']}", {"title": "b"})
    assert answer.status == 200
    changed = answer.json()
    assert changed == task | {"title": "b", "updated_at": changed["updated_at"]}


async def test_change_moves_updated_at_only(api: TaskApi) -> None:
    [task] = await api.make("a")
    while True:
        changed = (await api.send("PATCH", f"/api/tasks/{task['id']}", {"title": "b"})).json()
        if changed["updated_at"] != task["created_at"]:
            break
    assert changed["updated_at"] > changed["created_at"] == task["created_at"]


@pytest.mark.engines("sqlite", "postgres")
async def test_null_empties_a_field_and_leaves_the_others(api: TaskApi) -> None:
    [task] = await api.make("a", description="d", priority="low", due_date="2026-12-01", tags=["t"])
    expected = task
    for field in ("description", "priority", "due_date", "tags"):
        answer = await api.send("PATCH", f"/api/tasks/{task['id']}", {field: None})
        empty: list[str] | None = [] if field == "tags" else None
        expected = expected | {field: empty, "updated_at": answer.json()["updated_at"]}
        assert answer.json() == expected


async def test_empty_change_changes_nothing(api: TaskApi) -> None:
    [task] = await api.make("a")
    assert (await api.send("PUT", f"/api/tasks/{task['id']}", {})).json() == task


@pytest.mark.engines("sqlite", "postgres")
async def test_complete_turns_over(api: TaskApi) -> None:
    [task] = await api.make("a")
    path = f"/api/tasks/{task['id']}/complete"
    seen = [(await api.send("PATCH", path)).json()["completed"] for _ in range(3)]
    assert seen == [True, False, True]
    assert (await api.send("PATCH", path, {})).json()["completed"] is False


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("completed", [True, False])
async def test_complete_with_a_value_can_be_repeated(api: TaskApi, completed: bool) -> None:
    [task] = await api.make("a")
    for _ in range(2):
        answer = await api.send(
            "PATCH", f"/api/tasks/{task['id']}/complete", {"completed": completed}
        )
        assert answer.json()["completed"] is completed


@pytest.mark.engines("sqlite", "postgres")
async def test_no_turn_is_lost_when_many_come_at_once(api: TaskApi) -> None:
    [task] = await api.make("a")
    path = f"/api/tasks/{task['id']}/complete"
    answers = await asyncio.gather(*(api.send("PATCH", path) for _ in range(9)))
    assert sorted(answer.json()["completed"] for answer in answers) == [False] * 4 + [True] * 5
    assert (await api.send("GET", f"/api/tasks/{task['id']}")).json()["completed"] is True


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/api/tasks", "PUT", {"GET", "POST"}),
        ("/api/tasks/1", "POST", {"GET", "PUT", "PATCH", "DELETE"}),
        ("/api/ann/tasks/1/complete", "POST", {"PATCH"}),
        ("/api/tasks", "TRACE", {"GET", "POST"}),
    ],
)
async def test_other_methods_are_405(
    edge: TaskApi, path: str, method: str, allowed: set[str]
) -> None:
    answer = await edge.send(method, path)
    assert answer.status == 405
    assert set((answer.header("allow") or "").split(", ")) - {"OPTIONS"} == allowed


@pytest.mark.parametrize("declared", ["text/plain", "application/x-www-form-urlencoded", "x"])
async def test_body_of_another_type_is_415(edge: TaskApi, declared: str) -> None:
    token = f"Bearer {mint(good_claims(sub='ann'))}"
    headers = [("authorization", token), ("content-type", declared)]
    answer = await call(edge.app, "POST", "/api/tasks", headers, b'{"title":"a"}')
    assert (answer.status, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_json_by_another_name_is_taken(api: TaskApi) -> None:
    token = f"Bearer {mint(good_claims(sub='ann'))}"
    for declared in ("Application/JSON; charset=utf-8", "application/x+json", ""):
        headers = [("authorization", token), ("content-type", declared)]
        answer = await call(api.app, "POST", "/api/tasks", headers, b'{"title":"a"}')
        assert answer.status == 201, declared


async def test_body_over_1_mib_is_413(edge: TaskApi) -> None:
    answer = await edge.send("POST", "/api/tasks", b'{"title":"' + b"x" * 1024 * 1024 + b'"}')
    assert (answer.status, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")


async def test_content_length_that_is_no_number_is_400(edge: TaskApi) -> None:
    answer = await edge.send("POST", "/api/tasks", {}, headers=[("content-length", "abc")])
    assert (answer.status, answer.json()["code"]) == (400, "BAD_REQUEST")
    assert list(answer.json()) == ["code", "message", "detail"]


async def test_store_that_is_down_is_503() -> None:
    class Down:
        dialect = "sqlite"

        async def search(self, *_: object) -> None:
            raise StoreUnavailable

    tasks = Tasks(Down(), TABLES)  # type: ignore[arg-type]
    router = make_task_router(tasks, requires_user(Verifier(SECRET)))
    answer = await TaskApi(Litestar([router])).send("GET", "/api/tasks")
    assert (answer.status, answer.json()["code"]) == (503, "STORE_UNAVAILABLE")
    assert answer.json()["detail"] == answer.json()["message"]


def operations(schema: Json) -> list[Json]:
    return [operation for path in schema["paths"].values() for operation in path.values()]


async def test_every_operation_is_documented(edge: TaskApi) -> None:
    schema: Json = edge.app.openapi_schema.to_schema()
    assert len({operation["operationId"] for operation in operations(schema)}) == 14
    for operation in operations(schema):
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"] == [{"bearerAuth": []}]
        assert operation["tags"] == ["Tasks"]
        assert {"401", "503"} <= operation["responses"].keys()
        assert ("403" in operation["responses"]) == operation["operationId"].endswith("OfUser")
        assert "400" not in operation["responses"]


async def test_documented_parameters_are_the_ones_read(edge: TaskApi) -> None:
    paths: Json = edge.app.openapi_schema.to_schema()["paths"]
    of_list = {
        each["name"]: each["in"] for each in paths["/api/{user_id}/tasks"]["get"]["parameters"]
    }
    assert of_list == {"user_id": "path"} | dict.fromkeys(
        ["status", "priority", "search", "sort", "order", "limit", "offset"], "query"
    )
    [task_id] = paths["/api/tasks/{task_id}"]["get"]["parameters"]
    assert (task_id["in"], task_id["schema"]["type"]) == ("path", "integer")
