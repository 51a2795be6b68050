"""An operator's commands beside a service, over the same stores."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from tests.commands.program import SECRET, run, run_typed
from tests.support.service import Service, serving

Done = CompletedProcess[str]


class Operator:
    """Runs commands in a folder of its own. `given` are variables."""

    def __init__(self, folder: Path, url: str, given: dict[str, str]) -> None:
        self._folder = folder
        self._given = {"BETTER_AUTH_SECRET": SECRET, "DATABASE_URL": url, **given}

    async def run(self, *words: str, **given: str) -> Done:
        return await asyncio.to_thread(run, self._folder, *words, **self._given, **given)

    async def type(self, typed: str, *words: str) -> Done:
        return await asyncio.to_thread(run_typed, self._folder, f"{typed}\n", *words, **self._given)

    async def tell(self, *words: str) -> str:
        """What a command that succeeds prints on standard output."""
        done = await self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def list(self, *words: str) -> list[dict[str, Any]]:
        return [*map(json.loads, (await self.tell(*words, "--json")).splitlines())]

    async def find(self, *words: str) -> dict[str, Any]:
        (found,) = await self.list(*words)
        return found


@asynccontextmanager
async def working(
    url: str, folder: Path, given: dict[str, str] | None = None, **options: Any
) -> AsyncIterator[tuple[Service, Operator]]:
    """A service over the database at `url`, and an operator with the settings `given`."""
    async with serving(url, secret=SECRET, **options) as service:
        yield service, Operator(folder, url, given or {})
