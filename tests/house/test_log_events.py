"""docs/logs.md has a row for every line of fixed words, and says of it what is true."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "logs.md"  # read with the code: another branch may come in between
ROW = re.compile(r"^\| `(?P<words>[^`]+)` \| (?P<level>\w+) \| (?P<facts>[^|]*) \|", re.MULTILINE)
POSITIONS = 3  # logger, words, level


class Line(Struct, frozen=True, order=True):
    words: str
    level: str
    facts: tuple[str, ...]


def test_every_event_has_its_row_and_every_row_its_event() -> None:
    assert sorted(set(_written())) == sorted(set(_documented()))


def test_no_fact_hides_a_part_of_the_line() -> None:
    taken = {"time", "level", "request_id", "trace_id", "logger", "message", "trace"}
    assert [line for line in _written() if taken & set(line.facts)] == []


def test_loggers_have_fixed_names_of_their_own() -> None:
    """Whose application it is may have a package called `app`, and loggers of that name."""
    named = re.compile(r"""getLogger\(["']([^"']*)""")
    names = {
        name for path in (ROOT / "app").rglob("*.py") for name in named.findall(path.read_text())
    }
    assert {name for name in names if not name.startswith("better_auth.")} == {"uvicorn.error"}


def _documented() -> Iterator[Line]:
    for row in ROW.finditer(PAGE.read_text()):
        facts = tuple(sorted(re.findall(r"`(\w+)`", row["facts"])))
        yield Line(row["words"], row["level"], facts)


def _written() -> Iterator[Line]:
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "log_event":
                yield _line(node)


def _line(call: ast.Call) -> Line:
    words = call.args[1]
    assert isinstance(words, ast.Constant), f"the words of {ast.unparse(call)} are made as it runs"
    level = ast.unparse(call.args[2]) if len(call.args) == POSITIONS else "logging.INFO"
    facts = tuple(sorted(each.arg for each in call.keywords if each.arg is not None))
    return Line(str(words.value), level.removeprefix("logging.").lower(), facts)
