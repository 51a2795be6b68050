"""A service under load that is killed, and what must be true of its database afterwards."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import text

from app.storage.database import open_database
from tests.support.programs import free_port
from tests.system.js_client.service import SECRET, inherited

SECONDS: Final = 60  # a loaded machine starts slowly
LOAD: Final = 1.0  # seconds of writing on each side of a kill
PASSWORD: Final = "correct horse"
_JSON: Final = {"content-type": "application/json"}


class Site:
    """`serve` in a folder of its own; it can be killed and started again."""

    def __init__(self, database_url: str, folder: Path, **settings: str) -> None:
        self.database_url = database_url
        self.port = free_port()
        self.log = folder / "service.log"
        self._folder = folder
        self._environ = inherited() | {
            "BETTER_AUTH_SECRET": SECRET,
            "BETTER_AUTH_RATE_LIMIT_ENABLED": "false",
            "DATABASE_URL": database_url,
            "TASK_API": "true",
            "PORT": str(self.port),
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve", "--host", "127.0.0.1"],
                cwd=self._folder,
                env=self._environ,
                stdout=log,
                stderr=log,
            )
        until(self.is_ready)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(SECONDS)

    def workers(self) -> list[int]:
        assert self._process is not None
        listed = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=", "-o", "ppid=", "-o", "args="],
            check=True,
            capture_output=True,
            text=True,
        )
        lines = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
        mine = str(self._process.pid)
        return [int(pid) for pid, parent, args in lines if parent == mine and "spawn_main" in args]

    def is_ready(self) -> bool:
        try:
            return self.ask("GET", "/health/ready")[0] == 200
        except (OSError, HTTPException):
            return False

    def ask(
        self, method: str, path: str, body: object = None, token: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON. Raises OSError and HTTPException where no whole answer comes."""
        headers = {**_JSON, **({"authorization": f"Bearer {token}"} if token else {})}
        sent = None if body is None else json.dumps(body)
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)) as connection:
            connection.request(method, path, sent, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")

    def sign_up(self, email: str) -> str | None:
        """The session token, if the sign-up was answered so."""
        new = {"name": "Ada", "email": email, "password": PASSWORD}
        status, answer = self.ask("POST", "/api/auth/sign-up/email", new)
        return answer["token"] if status == 200 else None


class Load:
    """People who sign up, and one who writes tasks, until they are told to stop."""

    def __init__(self, site: Site) -> None:
        self.tasks: set[str] = set()  # that were answered, and so must be there
        self.people: set[str] = set()
        self._sent: set[str] = set()
        self._site = site
        self._stopped = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        session = self._site.sign_up(f"{uuid4()}@example.com")
        token = self._site.ask("GET", "/api/auth/token", token=session or "")[1]["token"]
        writers = [
            threading.Thread(target=self._repeat, args=(lambda: self._add_task(token),)),
            threading.Thread(target=self._repeat, args=(lambda: self._add_task(token),)),
            threading.Thread(target=self._repeat, args=(self._sign_up,)),
        ]
        self._stopped.clear()
        for writer in writers:
            writer.start()
        try:
            yield
        finally:
            self._stopped.set()
            for writer in writers:
                writer.join()

    def check(self) -> None:
        """Nothing that was answered is lost, and nothing is half-written."""
        asyncio.run(self._check())

    async def _check(self) -> None:
        database = await open_database(self._site.database_url)
        tasks = {row[0] for row in await database.read_all(text("SELECT title FROM tasks"))}
        rows = await database.read_all(text(_PEOPLE))
        await database.close()
        people = {row[0] for row in rows}
        assert self.tasks - tasks == set(), "tasks that were answered are lost"
        assert self.people - people == set(), "people who were answered are lost"
        assert tasks - self._sent == set(), "tasks are there that nobody wrote"
        assert [row for row in rows if row[1:] != (1, 1)] == [], "people are half-written"

    def _repeat(self, write: Callable[[], None]) -> None:
        while not self._stopped.is_set():
            try:
                write()
            except (OSError, HTTPException, json.JSONDecodeError):
                time.sleep(0.01)  # killed: nothing was answered

    def _add_task(self, token: str) -> None:
        title = str(uuid4())
        self._sent.add(title)
        if self._site.ask("POST", "/api/tasks", {"title": title}, token)[0] == 201:
            self.tasks.add(title)

    def _sign_up(self) -> None:
        email = f"{uuid4()}@example.com"
        if self._site.sign_up(email) is not None:
            self.people.add(email)


_PEOPLE: Final = """
SELECT email,
  (SELECT count(*) FROM account WHERE account."userId" = u.id AND account.password IS NOT NULL),
  (SELECT count(*) FROM session WHERE session."userId" = u.id)
FROM "user" AS u
"""


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
