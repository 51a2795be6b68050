"""The routes of both servers, as each of them says itself."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path

from msgspec import Struct

from app.server.plugins import PLUGINS

from . import versions
from .options import PLUGIN_NAMES

ROOT = Path(__file__).parents[3]
BASE = "/api/auth"
# Routes that describe the server are left out of its own description.
_UNDESCRIBED = {"GET /reference", "GET /open-api/generate-schema"}
_PARAMETER = re.compile(r":\w+|\{\w+\}")


class Endpoint(Struct, frozen=True, order=True):
    """`path` lies below the base path, with `{}` for what varies; `plugin` is the id of its own."""

    path: str
    method: str
    plugin: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def of_original() -> list[Endpoint]:
    """Asks the real thing, with all plugins that are installed here."""
    ids = {PLUGIN_NAMES[each.id]: each.id for each in PLUGINS if not each.always_on}
    done = subprocess.run(
        [*versions.command("endpoints.mjs"), *ids],
        check=True,
        capture_output=True,
        text=True,
        env={"BETTER_AUTH_TELEMETRY": "0"},
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return sorted(_endpoint(method, path, ids.get(name, "")) for name, method, path in found)


def of_ours() -> set[str]:
    """Each as method and path."""
    document = json.loads((ROOT / "openapi-plugins.json").read_text())
    found = [
        _endpoint(method.upper(), path.removeprefix(BASE))
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith(f"{BASE}/")
    ]
    return {*map(str, found), *_UNDESCRIBED}


def _endpoint(method: str, path: str, plugin: str = "") -> Endpoint:
    return Endpoint(_PARAMETER.sub("{}", path), method, plugin)
