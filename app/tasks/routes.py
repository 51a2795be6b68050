"""The task API: `/api/{user_id}/tasks` and the same under `/api/tasks`, for bearers of a token."""

import re
from collections.abc import Callable
from functools import partial
from typing import Annotated, Self
from urllib.parse import quote

from litestar import Request, Response, Router, delete, get, patch, post, put
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi.spec import OpenAPIType, Operation
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter
from litestar.types.internal_types import PathParameterDefinition
from msgspec import UNSET
from msgspec.structs import replace

from ..bridge import ForbiddenUser, InvalidToken, MissingToken, User
from ..bridge.litestar import Guard
from ..models.clock import now as clock
from ..models.errors import BodyTooLarge, StoreUnavailable, UnsupportedMediaType
from ..web.allowed_methods import list_options_handlers
from ..web.litestar_handlers import OwnRouter
from ..web.openapi.operations import Refused, describe_header, describe_operation, describe_refusals
from .error_responses import EXCEPTION_HANDLERS
from .listing import Listing, Order, Sort, Status
from .records import TEXT, Completion, NewTask, Priority, Task, TaskChanges
from .refusals import (
    AnyRefusal,
    InvalidRequest,
    TaskError,
    TaskNotFound,
    build_example,
)
from .strict_body import StrictBody
from .tasks import Tasks

TaskRequest = Request[User, object, State]

TaskId = Annotated[str, PathParameter(schema_extra={"type": OpenAPIType.INTEGER, "minimum": 1})]
Search = Annotated[
    str,
    QueryParameter(max_length=200, pattern=TEXT, description="Text in title or description."),
]
Ordering = Annotated[
    Order | None,
    QueryParameter(
        description="Left out: newest first, but ascending by title, due date, priority."
    ),
]
Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
Offset = Annotated[int, QueryParameter(ge=0, le=2**31 - 1)]


_LARGEST_BODY = 1024 * 1024
_ROOTS = ("/tasks", "/{user_id:str}/tasks")
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
_describe = partial(describe_operation, refusal_headers={"401": {"WWW-Authenticate": _CHALLENGE}})
_LISTED = _describe(
    examples={"One task": [_MILK]},
    headers={
        "X-Total-Count": describe_header("How many tasks all pages have.", OpenAPIType.INTEGER)
    },
)
_MADE = _describe(
    sends={
        "Title only": {"title": "Buy milk"},
        "Everything": NewTask(
            "Buy milk", "Two litres", priority="high", due_date="2026-11-30", tags=["home"]
        ),
    },
    examples={"The new task": _MILK},
    headers={"Location": describe_header("The path of the new task.")},
)
_READ = _describe(examples={"The task": _MILK})
_CHANGED = _describe(
    sends={
        "New title": {"title": "Buy oat milk"},
        "No due date any more": {"due_date": None},
    },
    examples={"The task as it is now": replace(_MILK, title="Buy oat milk")},
)
_COMPLETED = _describe(
    sends={"Set": {"completed": True}, "Turn over": {}},
    examples={"The task as it is now": replace(_MILK, completed=True)},
)
_DELETED = _describe(examples={})


class TaskRoutes:
    """HTTP for `Tasks`. The guard has put the user at `request.user`: no other identity counts."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Litestar deep-copies the handlers of a router; what they belong to must stay one."""
        return self

    def list_handlers(self) -> list[HTTPRouteHandler]:
        """The routes, relative to `/api`."""
        return [handler for root in _ROOTS for handler in self._list_handlers(root)]

    def _list_handlers(self, root: str) -> list[HTTPRouteHandler]:
        """One path each: Litestar keeps several in a set, so documents them in any order."""
        task, one = f"{root}/{{task_id:str}}", TaskNotFound
        done, on_body = f"{task}/complete", (InvalidRequest, UnsupportedMediaType, BodyTooLarge)
        return [
            _declare(get, root, "List tasks", _LISTED, InvalidRequest)(self.list_tasks),
            _declare(post, root, "Make a task", _MADE, *on_body)(self.create_task),
            _declare(get, task, "Read a task", _READ, one)(self.get_task),
            _declare(put, task, "Change a task (PUT)", _CHANGED, one, *on_body)(self.replace_task),
            _declare(patch, task, "Change a task", _CHANGED, one, *on_body)(self.change_task),
            _declare(patch, done, "Complete a task", _COMPLETED, one, *on_body)(self.complete_task),
            _declare(delete, task, "Delete a task", _DELETED, one)(self.delete_task),
        ]

    async def list_tasks(  # noqa: PLR0913, PLR0917 - a query parameter each
        self,
        request: TaskRequest,
        status: FromQuery[Status] = "all",
        priority: FromQuery[Priority | None] = None,
        search: Search = "",
        sort: FromQuery[Sort] = "created_at",
        order: Ordering = None,
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> Response[list[Task]]:
        """The user's tasks, a page at a time; the header `X-Total-Count` counts all pages."""
        listing = Listing(
            status=status,
            priority=priority,
            search=search,
            sort=sort,
            order=order,
            limit=limit,
            offset=offset,
        )
        page = await self._tasks.list_page(request.user.id, listing)
        return Response(list(page.tasks), headers={"X-Total-Count": str(page.total)})

    async def create_task(self, request: TaskRequest, data: JSONBody[NewTask]) -> Response[Task]:
        """Make a task; the header `Location` says where it is."""
        task = await self._tasks.create(request.user.id, data, clock())
        place = f"{quote(request.scope['path'].rstrip('/'))}/{task.id}"
        return Response(task, headers={"Location": place})

    async def get_task(self, request: TaskRequest, task_id: TaskId) -> Response[Task]:
        """One task of the user."""
        return Response(await self._tasks.get(request.user.id, _parse_number(task_id)))

    async def replace_task(
        self, request: TaskRequest, task_id: TaskId, data: JSONBody[TaskChanges]
    ) -> Response[Task]:
        """Change what is sent and leave the rest: the same as PATCH."""
        return await self.change_task(request, task_id, data)

    async def change_task(
        self, request: TaskRequest, task_id: TaskId, data: JSONBody[TaskChanges]
    ) -> Response[Task]:
        """Change what is sent and leave the rest; null empties a field that may be empty."""
        number = _parse_number(task_id)
        return Response(await self._tasks.change(request.user.id, number, data, clock()))

    async def complete_task(
        self, request: TaskRequest, task_id: TaskId, data: JSONBody[Completion | None] = None
    ) -> Response[Task]:
        """Turn `completed` over; with `{"completed": true}` or false in the body, set it."""
        completed = None if data is None or data.completed is UNSET else data.completed
        number = _parse_number(task_id)
        return Response(
            await self._tasks.complete(request.user.id, number, clock(), completed=completed)
        )

    async def delete_task(self, request: TaskRequest, task_id: TaskId) -> None:
        """Delete a task for good."""
        await self._tasks.delete(request.user.id, _parse_number(task_id))


def make_task_router(tasks: Tasks, guard: Guard) -> Router:
    """The task API, with its response to every refusal.

    `guard` is `app.bridge.litestar.requires_user`: it verifies the token and compares the path's
    `user_id` with it. OPTIONS needs no token: what it says is in the document.
    """
    handlers = TaskRoutes(tasks).list_handlers()
    guarded = OwnRouter(
        "/",
        route_handlers=handlers,
        guards=[guard, _require_json],
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=_LARGEST_BODY,
        dto=StrictBody,
        return_dto=None,
        security=[{"bearerAuth": []}],
        tags=["Tasks"],
    )
    return OwnRouter("/api", route_handlers=[*list_options_handlers(handlers), guarded])


async def _require_json(
    connection: ASGIConnection[object, User, object, State], handler: BaseRouteHandler
) -> None:
    """Refuses a body with another media type. A body without one counts as JSON."""
    declared = connection.headers.get("content-type")
    if handler.parsed_data_field is None or not declared:
        return
    media_type = declared.partition(";")[0].strip().lower()
    if media_type != "application/json" and not re.fullmatch(r"application/.+\+json", media_type):
        raise UnsupportedMediaType(
            f'Content-Type "{declared[:100]}" is not allowed. Allowed types: application/json'
        )


def _parse_number(task_id: str) -> int:
    """Returns the id of a path. Other text is no task."""
    if not re.fullmatch("[0-9]{1,19}", task_id):
        raise TaskNotFound
    return int(task_id)


Decorator = Callable[..., Callable[[Callable[..., object]], HTTPRouteHandler]]


def _declare(
    method: Decorator,
    path: str,
    summary: str,
    operation: type[Operation],
    *refusals: AnyRefusal,
) -> Callable[[Callable[..., object]], HTTPRouteHandler]:
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
