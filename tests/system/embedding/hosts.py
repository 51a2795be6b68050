"""Applications that mount the service: served by uvicorn, in folders of their own."""

import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from tests.support import programs
from tests.support.secret import STRONG_SECRET
from tests.system.js_client.service import PAGE, inherited

from .environment import frameworks

_DJANGO = """
SECRET_KEY = "of Django"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
"""
_URLS = """
import asgi
from asgiref.sync import async_to_sync
from django.http import JsonResponse
from django.urls import path


async def me(request):
    active = await asgi.auth.get_session(request.headers)
    return JsonResponse({"id": active.user.id if active else None})


def me_of_a_thread(request):
    active = async_to_sync(asgi.auth.get_session)(request.headers)
    return JsonResponse({"name": active.user.name if active else None})


urlpatterns = [path("me", me), path("sync", me_of_a_thread)]
"""
DJANGO = {"settings.py": _DJANGO, "urls.py": _URLS}


class Host(Struct, frozen=True):
    """A running application, and the folder it runs in."""

    url: str
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()


@contextmanager
def hosting(
    text: str,
    folder: Path,
    *,
    files: Mapping[str, str] = {},
    arguments: tuple[str, ...] = (),
    **variables: str,
) -> Iterator[Host]:
    """Serves the application `app` or `application` of this text."""
    port = programs.free_port()
    module, name = ("asgi", "application") if files else ("main", "app")
    for file, content in {f"{module}.py": text, **files}.items():
        (folder / file).write_text(content)
    environ = inherited() | {
        "PYTHONPATH": str(frameworks()),
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        "BETTER_AUTH_URL": f"http://localhost:{port}",
        "BETTER_AUTH_TRUSTED_ORIGINS": PAGE,
        "DATABASE_URL": "sqlite:///auth.db",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "settings",
        **variables,
    }
    command = (sys.executable, "-m", "uvicorn", f"{module}:{name}", "--port", str(port))
    ends_with = 0 if "--workers" in arguments else -signal.SIGTERM
    with programs.running((*command, *arguments), environ, folder, port, ends_with=ends_with):
        yield Host(f"http://localhost:{port}", folder)
