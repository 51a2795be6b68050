"""The routes of both servers, as each of them says itself."""

import json
import re
import subprocess
from pathlib import Path

from msgspec import Struct

from . import versions

ROOT = Path(__file__).parents[3]
BASE = "/api/auth"
# Routes that describe the server are left out of its own description.
_UNDESCRIBED = {"GET /reference", "GET /open-api/generate-schema"}
_PARAMETER = re.compile(r":\w+|\{\w+\}")


class Endpoint(Struct, frozen=True, order=True):
    """`path` lies below the base path, with `{}` for what varies."""

    path: str
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def of_original() -> list[Endpoint]:
    """Asks the real thing."""
    done = subprocess.run(
        versions.command("endpoints.mjs"),
        check=True,
        capture_output=True,
        text=True,
        env={"BETTER_AUTH_TELEMETRY": "0"},
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return sorted(_endpoint(method, path) for method, path in found)


def of_ours() -> list[Endpoint]:
    document = json.loads((ROOT / "openapi.json").read_text())
    found = [
        _endpoint(method.upper(), path.removeprefix(BASE))
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith(f"{BASE}/")
    ]
    told = [_endpoint(*each.split(" ")) for each in _UNDESCRIBED]
    return sorted({*found, *told})


def _endpoint(method: str, path: str) -> Endpoint:
    return Endpoint(_PARAMETER.sub("{}", path), method)
