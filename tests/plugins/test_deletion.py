"""A plugin is its folder and one line: with both gone, or both new, the rest imports and serves."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.server.plugins import INSTALLED
from tests.plugins.copied_services import CopiedServices, copied_services

ROOT = Path(__file__).parents[2]
LIST = Path("app/server/plugins.py")
SAMPLE = ROOT / "tests" / "plugins" / "postcards"
# One worker imports once for all of them.
pytestmark = pytest.mark.xdist_group("deletion")


@pytest.fixture(scope="module")
def services() -> Iterator[CopiedServices]:
    with copied_services() as started:
        yield started


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The parts of the checkout that serve, as far as they are compiled with what Python made."""
    shutil.copytree(ROOT / "app", tmp_path / "app")
    return tmp_path


def delete(copy: Path, folder: str) -> None:
    """The folder, and its line."""
    shutil.rmtree(copy / "app" / "plugins" / folder)
    lines = (copy / LIST).read_text().splitlines(keepends=True)
    kept = [line for line in lines if f'"{folder}"' not in line]
    assert len(kept) == len(lines) - 1
    (copy / LIST).write_text("".join(kept))


def add(copy: Path, folder: Path) -> None:
    shutil.copytree(folder, copy / "app" / "plugins" / folder.name)
    listed = (copy / LIST).read_text()
    head = "INSTALLED: Final = (\n"
    assert head in listed
    (copy / LIST).write_text(listed.replace(head, f'{head}    "{folder.name}",\n'))


def test_nothing_else_names_a_plugin() -> None:
    """Only the list, and the plugins themselves."""
    names = "|".join(INSTALLED)
    imported = re.compile(rf"(?:from|import)\s+\.*[\w.]*\bplugins\.(?:{names})\b")
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        if imported.search(path.read_text())
    }
    assert found == set()


@pytest.mark.parametrize("folder", INSTALLED)
def test_the_rest_serves_without_a_plugin(
    services: CopiedServices, copy: Path, folder: str
) -> None:
    delete(copy, folder)
    told = services.try_out(copy)
    assert told["email"] == "ada@example.com"
    assert told["bearer"] is (folder != "bearer")
    assert told["jwt"] is (folder != "jwt")
    # The sample API goes with the tokens that it asks for.
    assert (told["token"], told["tasks"]) == ((404, 404) if folder == "jwt" else (200, 401))


def test_plugin_comes_by_its_folder_and_a_line_and_goes_by_them(
    services: CopiedServices, copy: Path
) -> None:
    add(copy, SAMPLE)
    told = services.try_out(copy, BETTER_AUTH_PLUGINS="postcards", DATABASE_URL="sqlite:///with.db")
    assert any(line.endswith("created the table postcard") for line in told["lines"])
    assert "motto" in told["fields"]
    off = services.try_out(copy, DATABASE_URL="sqlite:///off.db")
    assert "motto" not in off["fields"]
    delete(copy, SAMPLE.name)
    gone = services.try_out(copy, DATABASE_URL="sqlite:///without.db")
    assert {**gone, "lines": []} == {**off, "lines": []}
