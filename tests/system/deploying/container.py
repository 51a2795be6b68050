"""The service in a container, started and stopped as an operator does."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from uuid import uuid4

from msgspec import Struct

from tests.support.programs import START_SECONDS, free_port

from .podman import podman

# What docs/deploying.md and compose.yaml take from a container.
HARDENED = ("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges")


class Container(Struct, frozen=True):
    name: str
    port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def send_sigterm(self) -> None:
        podman("kill", "--signal=TERM", self.name)

    def wait(self) -> int:
        """The status that it ends with."""
        return int(podman("wait", self.name))

    def stop(self) -> int:
        """Sends SIGTERM. The status that it ends with; its restart policy starts it no more."""
        podman("stop", "--time=30", self.name)
        return int(podman("inspect", "--format={{.State.ExitCode}}", self.name))

    def read_log(self) -> str:
        return podman("logs", self.name, fails=True)


@contextmanager
def started(
    image: str, variables: Mapping[str, object], *options: str, port: int = 0
) -> Iterator[Container]:
    """Starts a container with these settings; removes it, whatever became of it."""
    container = Container(f"better-auth-{uuid4().hex[:12]}", port or free_port())
    given = {"BETTER_AUTH_URL": container.url, **variables}
    environ = (f"--env={name}={text}" for name, text in given.items())
    published = () if port else (f"--publish=127.0.0.1:{container.port}:8000",)
    command = ("run", "--detach", f"--name={container.name}", *HARDENED, *published)
    try:
        podman(*command, *options, *environ, image)
        yield container
    finally:
        podman("rm", "--force", "--time=0", container.name, fails=True)


@contextmanager
def volume() -> Iterator[str]:
    """The option that mounts a new one on /data; its name is the part before the colon."""
    name = f"better-auth-{uuid4().hex[:12]}"
    podman("volume", "create", name)
    try:
        yield f"--volume={name}:/data"
    finally:
        podman("volume", "rm", "--force", name)


def wait_until_it_answers(container: Container) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(container.port):
        assert time.monotonic() < deadline, container.read_log()[-2000:]
        time.sleep(0.1)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("HEAD", "/health/live")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
