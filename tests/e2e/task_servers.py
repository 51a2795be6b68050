"""The task APIs that the app is driven against."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from .place import Place

# Runs the server at `place.tasks_port`, in the service's folder and with its settings, which are
# BETTER_AUTH_SECRET, BETTER_AUTH_URL, BETTER_AUTH_TRUSTED_ORIGINS and DATABASE_URL among others.
Start = Callable[[Place, Path, Mapping[str, str]], AbstractContextManager[None]]

# None: the service's own.
TASK_SERVERS: dict[str, Start | None] = {"service": None}
