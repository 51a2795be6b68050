"""The pages are listed, lead to what is there, and every block of them is tried by some test."""

import ast
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

import pytest

from app.commands.cli import main
from app.server.plugins import read_settings
from app.settings.dotenv import parse_dotenv
from tests.support.pages import ROOT, Block, blocks
from tests.system.js_client.service import SECRET

PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/*.md"))
    if "node_modules" not in path.parts
)
RUNNABLE = {"python", "ts", "tsx", "js", "sh", "powershell", "sql", "nginx", "ini", "toml", "yaml"}
TELLING = {"", "text", "json", "mermaid"}  # what is printed, or a file's lines
_COPIES = ("docs/importing.md", "From Better Auth on D1 or Turso")
# Where a test would be nothing but the block itself, or takes what is not here.
UNTRIED = {
    ("README.md", "Better Auth in Python", "sh", 0): "what this test was started with",
    ("benchmarks/README.md", "The benchmark", "sh", 0): "a quarter of an hour",
    ("docs/contributing.md", "Set up and run tests", "sh", 0): "what this test was started with",
    (*_COPIES, "sh", 0): "an account at Cloudflare; test_other_databases.py adopts such a copy",
    (*_COPIES, "sh", 1): "an account at Turso; test_other_databases.py adopts such a copy",
    ("docs/embedding.md", "In your own application", "sh", 0): "the tests of the wheel do so",
    ("docs/deploying.md", "systemd", "sh", 1): "a machine that systemd runs",
    ("docs/importing.md", "From Supabase", "sh", 0): "a database of Supabase",
    ("docs/importing.md", "From Django", "python", 0): "a project of Django",
    ("docs/nextjs-and-fastapi.md", "3. The app", "sh", 0): "downloads what Next.js proposes today",
    ("docs/nextjs-and-fastapi.md", "3. The app", "sh", 1): "a script that Next.js writes",
    ("examples/nextjs-todo/README.md", "Start it", "sh", 0): "scripts that other tests run",
}
_OTHER_PAGES = (ROOT / "app" / "bridge" / "README.md", ROOT / "benchmarks" / "README.md")
BLOCKS = [
    each
    for page in [*PAGES, *ROOT.glob("packages/*/README.md"), *_OTHER_PAGES]
    for each in blocks(str(page.relative_to(ROOT)))
]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
_URL = "https://auth.example.com"  # of the pages
_COMMAND = ".venv/bin/python -m app "
_SETTING = re.compile(r"(#.*|[A-Z][A-Z0-9_]*=.*)?")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _is_settings(each: Block) -> bool:
    lines = each.text.splitlines()
    return each.language == "sh" and all(_SETTING.fullmatch(line) for line in lines)


def _commands(each: Block) -> list[list[str]]:
    """The arguments of each line, where all lines are commands of this program."""
    lines = each.text.splitlines()
    if each.language != "sh" or not all(line.startswith(_COMMAND) for line in lines):
        return []
    return [shlex.split(line.removeprefix(_COMMAND), comments=True) for line in lines]


def _name(each: Block) -> str:
    return f"{each.page}-{each.section}-{each.number}"


def _named_by_tests() -> Iterator[tuple[object, ...]]:
    """The literal arguments of every `block(…)` in the tests."""
    for path in (ROOT / "tests").rglob("*.py"):
        if "node_modules" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "block":
                given = [each.value for each in node.args if isinstance(each, ast.Constant)]
                assert len(given) == len(node.args), f"{path}: not all is literal"
                yield (*given, 0)[:4]


def _drawn_arrows() -> Iterator[tuple[str, str]]:
    """Each arrow of the picture, from room to room."""
    for line in re.findall(r"^    (\w.* --> .*)$", ARCHITECTURE, re.MULTILINE):
        groups = [each.split(" & ") for each in line.split(" --> ")]
        yield from (arrow for pair in pairwise(groups) for arrow in product(*pair))


def _imports_of_rooms() -> Iterator[tuple[str, str]]:
    """Each relative import from one room to another."""
    app = ROOT / "app"
    for path in app.glob("*/**/*.py"):
        folders = path.relative_to(app).parent.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.level > len(folders):
                yield folders[0], node.module.partition(".")[0]


def test_every_page_is_in_the_list_of_pages() -> None:
    listed = set(_LINK.findall((ROOT / "docs" / "README.md").read_text()))
    there = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert there <= listed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text()):
        path, _, heading = link.partition("#")
        if ":" not in path:
            target = page.parent / path if path else page
            assert target.exists(), link
            assert not heading or heading in _headings(target), link


def test_modules_and_folders_of_the_architecture_are_there() -> None:
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)+(?:\.py|/)?)`", ARCHITECTURE)
    assert len(named) > 20
    for path in named:
        roots = (ROOT, ROOT / "app")
        assert any((root / path).exists() for root in roots), path


def test_rooms_of_the_architecture_are_those_that_there_are() -> None:
    rooms = {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")}
    drawn = set(re.findall(r"^    ([a-z]+)\[\"", ARCHITECTURE, re.MULTILINE))
    listed = set(re.findall(r"^\| `([a-z]+)` \|", ARCHITECTURE, re.MULTILINE))
    assert drawn == listed == rooms


def test_arrows_of_the_architecture_are_imports() -> None:
    drawn = set(_drawn_arrows())
    assert len(drawn) > 15
    assert not drawn - set(_imports_of_rooms())


def test_every_block_is_tried_or_says_why_not() -> None:
    assert {each.language for each in BLOCKS} <= RUNNABLE | TELLING
    runnable = {each.name for each in BLOCKS if each.language in RUNNABLE}
    generic = {each.name for each in BLOCKS if _is_settings(each) or _commands(each)}
    assert runnable - set(_named_by_tests()) - generic == UNTRIED.keys()


@pytest.mark.parametrize("settings", [*filter(_is_settings, BLOCKS)], ids=_name)
def test_settings_start_the_service(settings: Block) -> None:
    """Each line, the later of two for one name, too."""
    lines = settings.text.replace("…", SECRET).splitlines()
    names = [line.partition("=")[0] for line in lines if not line.startswith("#")]
    whole = dict(parse_dotenv("\n".join(lines)))
    for line in lines:
        given = {
            "BETTER_AUTH_URL": _URL,
            "BETTER_AUTH_SECRET": SECRET,
            **whole,
            **parse_dotenv(line),
        }
        files = {name for name in given if name.endswith("_FILE")}
        read_settings({name: given[name] for name in given.keys() - files}, dotenv=None)
    assert whole.keys() <= set(names)


@pytest.mark.parametrize("commands", [*filter(_commands, BLOCKS)], ids=_name)
def test_commands_are_those_that_there_are(
    commands: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[object] = []
    monkeypatch.setattr("app.commands.cli._call", called.append)
    lines = _commands(commands)
    for line in lines:
        if line == ["--version"] or line[0] == "help":  # answered at once
            assert main(line) == 0
        else:
            main(line)
            assert called.pop()


def _headings(page: Path) -> set[str]:
    """As GitHub names them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found}
