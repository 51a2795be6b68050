"""`make audit`: what the locks pin, and the oldest that the bridge admits, has no known advisory.

Asks the database of OSV. Where it can't be reached, one line says so and nothing fails: a machine
without the internet must still be able to run everything else.
"""

import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import Request, urlopen

_ROOT: Final = Path(__file__).parents[2]
_DATABASE: Final = "https://api.osv.dev"
_SECONDS: Final = 20
_AT_ONCE: Final = 500  # OSV takes up to 1000
_PINNED: Final = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)
_FLOOR: Final = re.compile(r"^([\w.-]+)(?:\[\w+\])?>=([\w.]+)$")

Pin = tuple[str, str]  # a name and a version


def main() -> int:
    """Prints an advisory on each line; the status is 1 if there is one."""
    where = dict(_pins())
    try:
        found = list(_ask([*where]))
    except (URLError, TimeoutError) as fault:
        reason = getattr(fault, "reason", fault)
        print(f"not audited: the advisory database can't be reached ({reason})")
        return 0
    for (name, version), advisories in found:
        print(f"{name} {version} ({where[name, version]}): {', '.join(advisories)}")
    if not found:
        print(f"no known advisory for {len(where)} versions")
    return int(bool(found))


def _pins() -> Iterator[tuple[Pin, str]]:
    """With the file that each stands in."""
    locks = sorted({*_ROOT.glob("requirements*.txt"), *_ROOT.glob("*/*/requirements.txt")})
    for lock in locks:
        for name, version in _PINNED.findall(lock.read_text()):
            yield (name, version), str(lock.relative_to(_ROOT))
    for floor in floors():
        yield floor, "pyproject.toml, the oldest that is admitted"


def floors() -> Iterator[Pin]:
    """The oldest versions that the bridge's metadata admits."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    for wanted in (project["dependencies"], *project["optional-dependencies"].values()):
        for each in wanted:
            found = _FLOOR.match(each)
            assert found is not None, f"{each} has no floor"
            yield found[1], found[2]


def _ask(pins: list[Pin]) -> Iterator[tuple[Pin, list[str]]]:
    database = os.environ.get("OSV_URL", _DATABASE)
    for start in range(0, len(pins), _AT_ONCE):
        part = pins[start : start + _AT_ONCE]
        queries = [
            {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
            for name, version in part
        ]
        body = json.dumps({"queries": queries}).encode()
        request = Request(f"{database}/v1/querybatch", body, {"content-type": "application/json"})  # noqa: S310
        with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            results: list[dict[str, Any]] = json.load(answer)["results"]
        for pin, result in zip(part, results, strict=True):
            if advisories := [str(each["id"]) for each in result.get("vulns", ())]:
                yield pin, advisories


if __name__ == "__main__":
    sys.exit(main())
