"""The task API: `/api/{user_id}/tasks` and the same under `/api/tasks`, for bearers of a token."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from litestar import Request, Router, delete, get, patch, post, put
from litestar.connection import ASGIConnection
from litestar.datastructures import ResponseHeader, State
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIType, Operation
from litestar.params import Parameter
from litestar.types.internal_types import PathParameterDefinition
from msgspec import UNSET

from app.bridge import ForbiddenUser, InvalidToken, MissingToken, User
from app.bridge.litestar import EXCEPTION_HANDLERS, Guard
from app.clock import now as clock
from app.errors import BodyTooLarge, Refusal, StoreUnavailable, UnsupportedMediaType
from app.tasks.listing import Listing, Order, Sort, Status
from app.tasks.records import Completion, NewTask, Priority, Task, TaskChanges
from app.tasks.refusals import (
    AnyRefusal,
    InvalidRequest,
    TaskError,
    TaskNotFound,
    error_of,
    example_of,
    fault_in_body,
    faults_of,
    invalid,
)
from app.tasks.tasks import Tasks
from app.web.answer import Answer
from app.web.body import StrictBody
from app.web.route_group import RouteGroup

TaskRequest = Request[User, object, State]
AnyRequest = Request[object, object, State]

TaskId = Annotated[str, Parameter(schema_extra={"type": OpenAPIType.INTEGER, "minimum": 1})]
Search = Annotated[
    str,
    Parameter(max_length=200, pattern=r"^[^\x00]*$", description="Text in title or description."),
]
Ordering = Annotated[
    Order | None,
    Parameter(description="Left out: newest first, but ascending by title, due date, priority."),
]
Limit = Annotated[int, Parameter(ge=1, le=1000)]
Offset = Annotated[int, Parameter(ge=0, le=2**31 - 1)]


def _header(name: str, description: str) -> ResponseHeader:
    return ResponseHeader(name, description=description, value="", documentation_only=True)


_LIST = ["/{user_id:str}/tasks", "/tasks"]
_TASK = [f"{path}/{{task_id:str}}" for path in _LIST]
_DONE = [f"{path}/complete" for path in _TASK]
_COUNT = [_header("X-Total-Count", "How many tasks all pages have.")]
_PLACE = [_header("Location", "The path of the new task.")]


class TaskRoutes(RouteGroup):
    """HTTP for `Tasks`. The guard has put the user at `request.user`: no other identity counts."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def handlers(self) -> list[HTTPRouteHandler]:
        """The routes, relative to `/api`."""
        one, on_body = TaskNotFound, (InvalidRequest, UnsupportedMediaType, BodyTooLarge)
        return [
            _route(get, _LIST, "List tasks", InvalidRequest, headers=_COUNT)(self.list_tasks),
            _route(post, _LIST, "Make a task", *on_body, headers=_PLACE)(self.create_task),
            _route(get, _TASK, "Read a task", one)(self.get_task),
            _route(put, _TASK, "Change a task (PUT)", one, *on_body)(self.replace_task),
            _route(patch, _TASK, "Change a task", one, *on_body)(self.change_task),
            _route(patch, _DONE, "Complete a task", one, *on_body)(self.complete_task),
            _route(delete, _TASK, "Delete a task", one)(self.delete_task),
        ]

    async def list_tasks(  # noqa: PLR0913, PLR0917 - a query parameter each
        self,
        request: TaskRequest,
        status: Status = "all",
        priority: Priority | None = None,
        search: Search = "",
        sort: Sort = "created_at",
        order: Ordering = None,
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> Answer[list[Task]]:
        """The user's tasks, a page at a time; the header `X-Total-Count` counts all pages."""
        wanted = Listing(
            status=status,
            priority=priority,
            search=search,
            sort=sort,
            order=order,
            limit=limit,
            offset=offset,
        )
        page = await self._tasks.page(request.user.id, wanted)
        return Answer(list(page.tasks), [("x-total-count", str(page.total))])

    async def create_task(self, request: TaskRequest, data: NewTask) -> Answer[Task]:
        """Make a task; the header `Location` says where it is."""
        task = await self._tasks.create(request.user.id, data, clock())
        place = f"{quote(request.scope['path'].rstrip('/'))}/{task.id}"
        return Answer(task, [("location", place)], status_code=201)

    async def get_task(self, request: TaskRequest, task_id: TaskId) -> Answer[Task]:
        """One task of the user."""
        return Answer(await self._tasks.get(request.user.id, _number(task_id)))

    async def replace_task(
        self, request: TaskRequest, task_id: TaskId, data: TaskChanges
    ) -> Answer[Task]:
        """Change what is sent and leave the rest: the same as PATCH."""
        return await self.change_task(request, task_id, data)

    async def change_task(
        self, request: TaskRequest, task_id: TaskId, data: TaskChanges
    ) -> Answer[Task]:
        """Change what is sent and leave the rest; null empties a field that may be empty."""
        number = _number(task_id)
        return Answer(await self._tasks.change(request.user.id, number, data, clock()))

    async def complete_task(
        self, request: TaskRequest, task_id: TaskId, data: Completion | None = None
    ) -> Answer[Task]:
        """Turn `completed` over; with `{"completed": true}` or false in the body, set it."""
        completed = None if data is None or data.completed is UNSET else data.completed
        number = _number(task_id)
        return Answer(
            await self._tasks.complete(request.user.id, number, clock(), completed=completed)
        )

    async def delete_task(self, request: TaskRequest, task_id: TaskId) -> None:
        """Delete a task for good."""
        await self._tasks.delete(request.user.id, _number(task_id))


def task_router(tasks: Tasks, guard: Guard) -> Router:
    """The task API, complete with what it answers to every refusal.

    `guard` is `app.bridge.litestar.requires_user`: it verifies the token and compares the path's
    `user_id` with it.
    """
    return Router(
        "/api",
        route_handlers=TaskRoutes(tasks).handlers(),
        guards=[guard, _requires_json],
        exception_handlers={
            **EXCEPTION_HANDLERS,
            Refusal: _refused,
            ValidationException: _invalid,
            HTTPException: _unacceptable,
        },
        dto=StrictBody,
        return_dto=None,
        security=[{"bearerAuth": []}],
        tags=["Tasks"],
    )


async def _requires_json(
    connection: ASGIConnection[object, User, object, State], handler: BaseRouteHandler
) -> None:
    """Refuse a body that says it is something else; a body that says nothing is taken for JSON."""
    declared = connection.headers.get("content-type")
    if handler.parsed_data_field is None or not declared:
        return
    media_type = declared.partition(";")[0].strip().lower()
    if media_type != "application/json" and not re.fullmatch(r"application/.+\+json", media_type):
        raise UnsupportedMediaType(
            f'Content-Type "{declared[:100]}" is not allowed. Allowed types: application/json'
        )


def _number(task_id: str) -> int:
    """The id in a path; what is no number is no task."""
    if not re.fullmatch("[0-9]{1,19}", task_id):
        raise TaskNotFound
    return int(task_id)


def _refused(_: AnyRequest, refusal: Refusal) -> Answer[TaskError]:
    return Answer(error_of(refusal), refusal.headers, status_code=refusal.status)


def _invalid(_: AnyRequest, fault: ValidationException) -> Answer[TaskError]:
    reported = fault.extra if isinstance(fault.extra, list) else []
    faults = faults_of(reported) or [fault_in_body(fault.detail)]
    return Answer(invalid(faults), status_code=InvalidRequest.status)


def _unacceptable(request: AnyRequest, fault: HTTPException) -> Answer[TaskError]:
    """What Litestar refuses by itself, such as a body that is too large."""
    if fault.status_code == BodyTooLarge.status:
        return _refused(request, BodyTooLarge())
    phrase = HTTPStatus(fault.status_code).phrase
    error = TaskError(phrase.upper().replace(" ", "_"), phrase, fault.detail)
    return Answer(error, list((fault.headers or {}).items()), status_code=fault.status_code)


@dataclass
class TaskOperation(Operation):
    """Litestar documents a 400 wherever there are parameters; here a bad one is a 422."""

    def __post_init__(self) -> None:
        if self.responses is not None:
            self.responses.pop("400", None)


Decorator = Callable[..., Callable[[Callable[..., object]], HTTPRouteHandler]]


def _route(
    method: Decorator,
    paths: list[str],
    summary: str,
    *refusals: AnyRefusal,
    headers: Sequence[ResponseHeader] = (),
) -> Callable[[Callable[..., object]], HTTPRouteHandler]:
    return method(
        paths,
        operation_id=_operation_id,
        operation_class=TaskOperation,
        summary=summary,
        responses=_responses(*refusals),
        response_headers=headers,
    )


def _operation_id(
    handler: HTTPRouteHandler, _: str, path: list[str | PathParameterDefinition]
) -> str:
    """`listTasks`, and `listTasksOfUser` where the path names the user."""
    verb, noun = handler.handler_name.split("_")
    names = {part.name for part in path if isinstance(part, PathParameterDefinition)}
    return f"{verb}{noun.title()}{'OfUser' if 'user_id' in names else ''}"


def _responses(*kinds: AnyRefusal) -> Mapping[int, ResponseSpec]:
    """The refusals of an operation, each with an example."""
    by_status: dict[int, list[AnyRefusal]] = {}
    for kind in (MissingToken, InvalidToken, ForbiddenUser, StoreUnavailable, *kinds):
        by_status.setdefault(kind.status, []).append(kind)
    return {
        status: ResponseSpec(
            data_container=TaskError,
            generate_examples=False,
            description=", ".join(str(kind.code) for kind in same),
            examples=[
                Example(id=kind.__name__, summary=kind.message, value=example_of(kind))
                for kind in same
            ],
        )
        for status, same in sorted(by_status.items())
    }
