"""The blocks of docs/extending.md work when they are pasted."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import HookRegistry
from app.server.hooks.loading import make_registry
from app.settings.settings import Settings
from app.storage.database import Database
from tests.support.pages import block
from tests.support.secret import STRONG_SECRET
from tests.support.service import serve

Load = Callable[[str], HookRegistry]

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Pastes a block into `my_hooks.py` of an empty folder, and loads it as the service does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    importlib.invalidate_caches()

    def paste(text: str) -> HookRegistry:
        (tmp_path / "my_hooks.py").write_text(text, "utf-8")
        return make_registry(Settings(secret=STRONG_SECRET, hooks="my_hooks"))

    yield paste
    sys.modules.pop("my_hooks", None)


async def test_only_addresses_of_one_company_sign_up(load: Load, database: Database) -> None:
    service = await serve(
        database, hooks=load(block("docs/extending.md", "Register a function", "python"))
    )
    refused = await service.sign_up("eve@example.com")
    assert (refused.status, refused.json()["code"]) == (403, "COMPANY_ONLY")
    assert (await service.sign_up("ada@acme.com")).status == 200
