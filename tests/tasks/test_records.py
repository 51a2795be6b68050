"""Bodies of tasks: what is refused and where, and how dates are read."""

import json

import msgspec
import pytest

from app.tasks.records import Completion, NewTask, TaskChanges
from app.tasks.refusals import read_body_fault
from tests.support.asgi import Json

from .conftest import TaskApi

BAD_FIELDS: list[tuple[str, Json]] = [
    ("title", ""),
    ("title", "   "),
    ("title", "\t\n\u3000"),
    ("title", "\x1c\x85"),
    ("title", "\ufeff"),
    ("title", "x" * 201),
    ("title", None),
    ("title", 5),
    ("title", ["a"]),
    ("title", "a\0b"),
    ("description", "x" * 1001),
    ("description", 1),
    ("description", "\0"),
    ("completed", "true"),
    ("completed", 1),
    ("completed", None),
    ("priority", "urgent"),
    ("priority", "High"),
    ("priority", ""),
    ("priority", 1),
    ("due_date", ""),
    ("due_date", "tomorrow"),
    ("due_date", "2026-13-01"),
    ("due_date", "2026-02-30"),
    ("due_date", "2026-11-30T25:00"),
    ("due_date", "2026-11-30x10:00"),
    ("due_date", "20261130"),
    ("due_date", "2026-W48-1"),
    ("due_date", "２０２６-11-30"),
    ("due_date", "0001-01-01"),
    ("due_date", "2026-11-30T24:00"),
    ("due_date", "2026-11-30T10:00+24:00"),
    ("due_date", "2026-11-30T10"),
    ("due_date", "2026-11-30\n"),
    ("due_date", "2026-04-31"),
    ("due_date", "2100-02-29"),
    ("due_date", "2026-11-30T10:00+99:99"),
    ("due_date", "2026-11-30" + "0" * 400),
    ("due_date", 1795000000),
    ("tags", "home"),
    ("tags", {"a": 1}),
    ("tags", ["x"] * 21),
    ("tags", ["a\0"]),
]

DUE_DATES = {
    "2026-11-30": "2026-11-30T00:00:00.000Z",
    "2026-11-30T10:15": "2026-11-30T10:15:00.000Z",
    "2026-11-30T10:15:30": "2026-11-30T10:15:30.000Z",
    "2026-11-30 10:15:30": "2026-11-30T10:15:30.000Z",
    "2026-11-30T10:15:30Z": "2026-11-30T10:15:30.000Z",
    "2026-11-30t10:15:30z": "2026-11-30T10:15:30.000Z",
    "2026-11-30T10:15:30.5Z": "2026-11-30T10:15:30.500Z",
    "2026-11-30T10:15:30.123456789Z": "2026-11-30T10:15:30.123Z",
    "2026-11-30T10:15:30.999999Z": "2026-11-30T10:15:30.999Z",
    "2026-11-30T23:30:00-02:00": "2026-12-01T01:30:00.000Z",
    "2026-11-30T00:30:00+0530": "2026-11-29T19:00:00.000Z",
    "2024-02-29": "2024-02-29T00:00:00.000Z",
    "1000-01-01T00:00+05:00": "0999-12-31T19:00:00.000Z",
    "9999-12-31T23:59:59.999Z": "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59-05:00": "9999-12-31T23:59:59.999Z",
    "2400-02-29T00:00:00,5+14:00": "2400-02-28T10:00:00.500Z",
}


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS)
@pytest.mark.parametrize("kind", [NewTask, TaskChanges])
def test_bad_field_is_refused_by_name(
    kind: type[NewTask | TaskChanges], field: str, value: Json
) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(json.dumps({"title": "a", field: value}), type=kind)
    fault = read_body_fault(str(caught.value))
    assert fault.loc == ["body", field]
    assert fault.msg


@pytest.mark.parametrize("tag", [1, "", "x" * 51, None])
def test_bad_tag_is_named_by_its_place(tag: Json) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(json.dumps({"title": "a", "tags": ["ok", tag]}), type=NewTask)
    assert read_body_fault(str(caught.value)).loc == ["body", "tags", 1]


@pytest.mark.parametrize(("sent", "kept"), DUE_DATES.items())
def test_due_date_is_kept_in_utc(sent: str, kept: str) -> None:
    assert NewTask(title="a", due_date=sent).to_columns()["due_date"] == kept


def test_change_holds_only_what_was_sent() -> None:
    assert TaskChanges().to_columns() == {}
    assert TaskChanges(tags=None, priority=None).to_columns() == {"tags": [], "priority": None}


@pytest.mark.parametrize("body", ['{"completed":"true"}', '{"completed":null}', "[]", "1"])
def test_bad_completion_is_refused(body: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Completion | None)


@pytest.mark.anyio
async def test_due_dates_survive_the_database(api: TaskApi) -> None:
    for sent, kept in DUE_DATES.items():
        [task] = await api.make("a", due_date=sent)
        stored = await api.send("GET", f"/api/tasks/{task['id']}")
        assert task["due_date"] == stored.json()["due_date"] == kept


@pytest.mark.anyio
async def test_longest_texts_are_taken(api: TaskApi) -> None:
    sent = {"title": "🧺" * 200, "description": "名" * 1000, "tags": ["é" * 50] * 20}
    answer = await api.send("POST", "/api/tasks", sent)
    assert answer.status == 201
    assert {name: answer.json()[name] for name in sent} == sent


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{}",
        b"null",
        b"[]",
        b'"title"',
        b"1",
        b"title=a",
        b'{"title":"a"}{',
        b"{'title':'a'}",
        b'{"title":"\xff"}',
        b'{"title":"\xed\xa0\x80"}',
        b'{"title":"\\ud800"}',
        b'{"title":"\\udc00\\ud800"}',
        b'{"title":"a\nb"}',
        b'\xef\xbb\xbf{"title":"a"}',
        b'{"title":"a","x":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"title":"a","x":' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}",
        b'{"title":"a","completed":1e400}',
        b'{"title":NaN}',
    ],
)
async def test_body_that_is_no_task_is_422(edge: TaskApi, body: bytes) -> None:
    answer = await edge.send("POST", "/api/tasks", body)
    assert answer.status == 422, answer.body
    assert list(answer.json()) == ["code", "message", "detail"]
    [fault] = answer.json()["detail"]
    assert fault["loc"][0] == "body"
    assert fault["msg"]


@pytest.mark.anyio
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"true"])
async def test_change_without_an_object_is_422(edge: TaskApi, method: str, body: bytes) -> None:
    assert (await edge.send(method, "/api/tasks/1", body)).status == 422


@pytest.mark.anyio
async def test_refused_field_is_named_in_the_answer(edge: TaskApi) -> None:
    answer = await edge.send("POST", "/api/tasks", {"title": "  "})
    assert (answer.status, answer.json()) == (
        422,
        {
            "code": "VALIDATION_ERROR",
            "message": "The request is not valid, see detail",
            "detail": [{"loc": ["body", "title"], "msg": "Expected text that is not blank"}],
        },
    )
