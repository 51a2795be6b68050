"""What the OpenAPI document says of the task API."""

from collections.abc import Callable
from functools import partial

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIType, Operation
from litestar.types.internal_types import PathParameterDefinition
from msgspec.structs import replace

from ..bridge import ForbiddenUser, InvalidToken, MissingToken
from ..models.errors import StoreUnavailable
from ..web.openapi.operations import Refused, describe_header, describe_operation, describe_refusals
from .records import NewTask, Task
from .refusals import AnyRefusal, TaskError, build_example

_MILK = Task(
    id=1,
    user_id="Yq3mJ0fVbW8sRk2LxTn5cGhD7uPzAe4o",
    title="Buy milk",
    description="Two litres",
    completed=False,
    priority="high",
    due_date="2026-11-30T00:00:00.000Z",
    tags=["home", "food"],
    created_at="2026-11-21T08:00:00.000Z",
    updated_at="2026-11-21T08:00:00.000Z",
)
_CHALLENGE = describe_header("The challenge (RFC 6750 section 3), with the reason.")
_WAIT = describe_header("Seconds to wait.", OpenAPIType.INTEGER)
_describe = partial(
    describe_operation,
    refusal_headers={"401": {"WWW-Authenticate": _CHALLENGE}, "503": {"Retry-After": _WAIT}},
)
LISTED = _describe(
    examples={"One task": [_MILK]},
    headers={
        "X-Total-Count": describe_header("How many tasks all pages have.", OpenAPIType.INTEGER)
    },
)
MADE = _describe(
    body_examples={
        "Title only": {"title": "Buy milk"},
        "Everything": NewTask(
            "Buy milk", "Two litres", priority="high", due_date="2026-11-30", tags=["home"]
        ),
    },
    examples={"The new task": _MILK},
    headers={"Location": describe_header("The path of the new task.")},
)
READ = _describe(examples={"The task": _MILK})
CHANGED = _describe(
    body_examples={
        "New title": {"title": "Buy oat milk"},
        "Without a due date": {"due_date": None},
    },
    examples={"The task as it is now": replace(_MILK, title="Buy oat milk")},
)
COMPLETED = _describe(
    body_examples={"Set": {"completed": True}, "Turn over": {}},
    examples={"The task as it is now": replace(_MILK, completed=True)},
)
DELETED = _describe(examples={})

Decorator = Callable[..., Callable[[Callable[..., object]], HTTPRouteHandler]]


def declare(
    method: Decorator,
    path: str,
    summary: str,
    operation: type[Operation],
    *refusals: AnyRefusal,
) -> Callable[[Callable[..., object]], HTTPRouteHandler]:
    """Returns the decorator of a handler: its path, what it does, and what it refuses."""
    foreign = (ForbiddenUser,) if "{user_id:" in path else ()
    kinds = (MissingToken, InvalidToken, *foreign, StoreUnavailable, *refusals)
    return method(
        path,
        operation_id=_make_operation_id,
        operation_class=operation,
        summary=summary,
        responses=describe_refusals(TaskError, map(_describe_refusal, kinds)),
    )


def _describe_refusal(kind: AnyRefusal) -> Refused:
    return Refused(kind.__name__, kind.status, kind.code, kind.message, build_example(kind))


def _make_operation_id(
    handler: HTTPRouteHandler, _: str, path: list[str | PathParameterDefinition]
) -> str:
    """Returns `listTasks`, or `listTasksOfUser` if the path has the user."""
    verb, noun = handler.handler_name.split("_")
    names = {part.name for part in path if isinstance(part, PathParameterDefinition)}
    return f"{verb}{noun.title()}{'OfUser' if 'user_id' in names else ''}"
