"""The task APIs that the app is driven against."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.system.examples import fastapi_tasks

from .place import Place

# Runs the server at `place.tasks_port`, in the service's folder and with its settings, which are
# BETTER_AUTH_SECRET, BETTER_AUTH_URL, BETTER_AUTH_TRUSTED_ORIGINS and DATABASE_URL among others.
Start = Callable[[Place, Path, Mapping[str, str]], AbstractContextManager[None]]


@contextmanager
def fastapi(place: Place, folder: Path, settings: Mapping[str, str]) -> Iterator[None]:
    """`examples/fastapi-tasks`."""
    own = folder / "fastapi-tasks"
    own.mkdir(exist_ok=True)
    with fastapi_tasks.running(settings, own, place.tasks_port):
        yield


# None: the service's own.
TASK_SERVERS: dict[str, Start | None] = {"service": None, "fastapi": fastapi}
