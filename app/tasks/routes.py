"""The task API: `/api/{user_id}/tasks` and the same under `/api/tasks`, for bearers of a token."""

import re
from typing import Annotated, Self
from urllib.parse import quote

from litestar import Request, Response, Router, delete, get, patch, post, put
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi.spec import OpenAPIType
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter
from msgspec import UNSET

from ..bridge import User
from ..bridge.litestar import Guard
from ..models.clock import now as clock
from ..models.errors import BodyTooLarge, UnsupportedMediaType
from ..web.allowed_methods import list_options_handlers
from ..web.litestar_handlers import OwnRouter
from .documentation import CHANGED, COMPLETED, DELETED, LISTED, MADE, READ, declare
from .error_responses import EXCEPTION_HANDLERS
from .listing import Listing, Order, Sort, Status
from .records import TEXT, Completion, NewTask, Priority, Task, TaskChanges
from .refusals import (
    InvalidRequest,
    TaskNotFound,
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
    QueryParameter(description="Default: newest first; ascending by title, due date, priority."),
]
Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
Offset = Annotated[int, QueryParameter(ge=0, le=2**31 - 1)]


_LARGEST_BODY = 1024 * 1024
_ROOTS = ("/tasks", "/{user_id:str}/tasks")


class TaskRoutes:
    """HTTP for `Tasks`. The guard has put the user at `request.user`: no other identity counts."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Returns itself. Litestar copies the handlers of a router; their object must stay one."""
        return self

    def list_handlers(self) -> list[HTTPRouteHandler]:
        """Returns the routes, relative to `/api`."""
        return [handler for root in _ROOTS for handler in self._list_handlers(root)]

    def _list_handlers(self, root: str) -> list[HTTPRouteHandler]:
        """Returns handlers with one path each: Litestar documents several paths in any order."""
        task, one = f"{root}/{{task_id:str}}", TaskNotFound
        done, on_body = f"{task}/complete", (InvalidRequest, UnsupportedMediaType, BodyTooLarge)
        return [
            declare(get, root, "List tasks", LISTED, InvalidRequest)(self.list_tasks),
            declare(post, root, "Make a task", MADE, *on_body)(self.create_task),
            declare(get, task, "Read a task", READ, one)(self.get_task),
            declare(put, task, "Change a task (PUT)", CHANGED, one, *on_body)(self.replace_task),
            declare(patch, task, "Change a task", CHANGED, one, *on_body)(self.change_task),
            declare(patch, done, "Complete a task", COMPLETED, one, *on_body)(self.complete_task),
            declare(delete, task, "Delete a task", DELETED, one)(self.delete_task),
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
    """Returns the task API, with its response to every refusal.

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
