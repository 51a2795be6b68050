"""A service under load that is killed, and what must be true of its database afterwards."""

import asyncio
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from email.message import Message
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import text

from app.storage.database import open_database
from tests.support import ready_process, waiting
from tests.support.programs import free_port
from tests.system.js_client.service import SECRET, inherited

SECONDS: Final = 60  # a loaded machine starts slowly
until = partial(waiting.until, seconds=SECONDS)
LOAD: Final = 1.0  # seconds of writing on each side of a kill
PASSWORD: Final = "correct horse"
_JSON: Final = {"content-type": "application/json"}


class Client:
    """Who asks a service on this port."""

    def __init__(self, port: int, database_url: str) -> None:
        self.port, self.database_url = port, database_url

    def is_ready(self) -> bool:
        try:
            return self.ask("GET", "/health/ready")[0] == 200
        except (OSError, HTTPException):
            return False

    def ask(
        self, method: str, path: str, body: object = None, token: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON. Raises OSError and HTTPException where no whole answer comes."""
        status, _, text = self.send(method, path, body, token)
        return status, json.loads(text or b"null")

    def send(
        self, method: str, path: str, body: object = None, token: str = ""
    ) -> tuple[int, Message, bytes]:
        """Status, headers and body. Raises OSError and HTTPException as `ask` does."""
        headers = {**_JSON, **({"authorization": f"Bearer {token}"} if token else {})}
        sent = None if body is None else json.dumps(body)
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)) as connection:
            connection.request(method, path, sent, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def sign_up(self, email: str) -> str | None:
        """The session token, if the sign-up was answered so."""
        new = {"name": "Ada", "email": email, "password": PASSWORD}
        status, answer = self.ask("POST", "/api/auth/sign-up/email", new)
        return answer["token"] if status == 200 else None


class Site(Client):
    """`serve` in a folder of its own; it can be killed and started again."""

    changes: Collection[str] = ()  # of those that `ready_process` can make

    def __init__(self, database_url: str, folder: Path, **settings: str) -> None:
        super().__init__(free_port(), database_url)
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
        self._process: ready_process.ForkedProcess | None = None

    def start(self) -> None:
        self.begin()
        until(self.is_ready)

    def begin(self, **settings: str) -> None:
        """Starts, with other `settings` from now on, and does not wait until it is ready."""
        self._environ |= settings
        command = ["serve", "--host", "127.0.0.1"]
        with self.log.open("ab") as log:
            self._process = ready_process.start(
                command, self._environ, self._folder, log, log, changes=self.changes
            )

    def kill(self) -> None:
        assert self._process is not None
        with self._process as process:
            process.send_signal(signal.SIGKILL)

    def end(self) -> int | None:
        """Its exit status, if it had been started."""
        if self._process is None:
            return None
        with self._process as process:
            self.signal(signal.SIGTERM)
            return process.wait(SECONDS)

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

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


class Load:
    """People who sign up, and one who writes tasks, until they are told to stop."""

    pause = 0.0  # seconds between two requests of one writer

    def __init__(self, site: Client) -> None:
        self.tasks: set[str] = set()  # that were answered, and so must be there
        self.people: set[str] = set()
        self.cut: list[Exception] = []
        self._sent: set[str] = set()
        self._site = site
        self._stopped = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        session = self._site.sign_up(f"{uuid4()}@example.com") or ""
        steps = self.list_steps(self._site.ask("GET", "/api/auth/token", token=session)[1]["token"])
        writers = [threading.Thread(target=self._repeat, args=(step,)) for step in steps]
        self._stopped.clear()
        for writer in writers:
            writer.start()
        try:
            yield
        finally:
            self._stopped.set()
            for writer in writers:
                writer.join()

    def keep_writing(self) -> None:
        """For `LOAD` seconds, and on a slow machine until something of each kind was answered."""
        time.sleep(LOAD)
        until(self.has_begun)

    def has_begun(self) -> bool:
        """Whether something of each kind was answered."""
        return bool(self.tasks and self.people)

    def list_steps(self, token: str) -> list[Callable[[], None]]:
        """What each writer repeats. `token` is for tasks."""
        return [lambda: self._add_task(token), lambda: self._add_task(token), self._sign_up]

    def check(self) -> None:
        """Nothing that was answered is lost, and nothing is half-written."""
        asyncio.run(self._check())

    async def _check(self) -> None:
        database = await open_database(self._site.database_url)
        tasks = {row[0] for row in await database.read_all(text("SELECT title FROM tasks"))}
        rows = await database.read_all(text(_PEOPLE))
        untold = await database.read_all(text(_UNTOLD))
        await database.close()
        people = {row[0] for row in rows}
        assert self.tasks - tasks == set(), "tasks that were answered are lost"
        assert self.people - people == set(), "people who were answered are lost"
        assert tasks - self._sent == set(), "tasks are there that nobody wrote"
        halves = [row for row in rows if not self.is_whole(row[1], row[2])]
        assert halves == [], "people are half-written"
        assert untold == [], "people are there without their audit event, or the other way round"

    def is_whole(self, accounts: int, sessions: int) -> bool:
        """Whether somebody has all that a sign-up writes."""
        return (accounts, sessions) == (1, 1)

    def _repeat(self, write: Callable[[], None]) -> None:
        while not self._stopped.wait(self.pause):
            try:
                write()
            except (OSError, HTTPException, json.JSONDecodeError) as fault:
                self.cut.append(fault)  # killed: nothing was answered
                time.sleep(0.01)

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
_UNTOLD: Final = """
WITH told AS (SELECT user_id FROM better_auth_audit WHERE event = 'signed_up')
SELECT id FROM "user" WHERE id NOT IN (SELECT user_id FROM told)
UNION ALL SELECT user_id FROM told WHERE user_id NOT IN (SELECT id FROM "user")
"""


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
