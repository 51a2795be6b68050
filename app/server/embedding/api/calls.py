"""What all calls of the Python API share: the open objects, the actor, and the user."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ....auth.errors import NoSuchUser
from ....models.records import User
from ....models.telemetry.log_context import run_as_application
from ...container import Container
from .arguments import check_text

OpenContainer = Callable[[], Awaitable[Container]]


class Calls:
    """Runs calls over the objects that `open_container` returns.

    Audit events have the actor `application`, or the user `actor_id`, for whom it acts.
    """

    def __init__(self, open_container: OpenContainer, actor_id: str | None = None) -> None:
        self._open_container = open_container
        self._actor_id = actor_id

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[Container]:
        """Yields the objects of the server for one call."""
        container = await self._open_container()
        with run_as_application(self._actor_id):
            yield container

    async def _get_user(self, container: Container, user_id: object) -> User:
        """Raises InvalidBody, NoSuchUser."""
        user = await container.users.find_by_id(check_text("user_id", user_id))
        if user is None:
            raise NoSuchUser
        return user
