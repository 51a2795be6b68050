"""The service with two people, and an API in an environment of its own."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec import Struct

from tests.support import programs
from tests.system.js_client.service import Service, inherited, running

from .environments import environment
from .people import Person, sign_up

HERE = Path(__file__).parent


class Scene(Struct, frozen=True):
    service: Service
    ann: Person
    bob: Person
    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        return {"BETTER_AUTH_SECRET": self.service.secret, "BETTER_AUTH_URL": self.service.url}


@contextmanager
def scene(folder: Path, **variables: str) -> Iterator[Scene]:
    with running(f"sqlite:///{folder / 'auth.db'}", folder, **variables) as service:
        yield Scene(service, sign_up(service.url, "Ann"), sign_up(service.url, "Bob"), folder)


@pytest.fixture(scope="session")
def shared_secret(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The service as it comes: HS256 tokens."""
    with scene(tmp_path_factory.mktemp("hs256")) as found:
        yield found


@pytest.fixture(scope="session")
def hs256_api(shared_secret: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`consumer_fastapi` with the service's secret and URL."""
    folder = tmp_path_factory.mktemp("api")
    with served("consumer_fastapi", "fastapi", shared_secret.environ, folder) as url:
        yield url


@contextmanager
def served(application: str, extras: str, environ: dict[str, str], folder: Path) -> Iterator[str]:
    """Serves `application` of this folder, or the text of one, by uvicorn; tells where."""
    python, port = environment(extras, "uvicorn"), programs.free_port()
    own = inherited() | {"PYTHONPATH": str(HERE)} | environ
    if "\n" in application:
        (folder / "pasted.py").write_text(application)
        application = "pasted"
    command = (str(python), "-m", "uvicorn", f"{application}:app", "--port", str(port))
    with programs.running(command, own, folder, port, ends_with=-signal.SIGTERM):
        yield f"http://127.0.0.1:{port}"
